//! Where the loops of a CPU run.

/// Runs `work` as one of the threads that share its loops. A loop that is started from elsewhere is handed over to
/// them and waited for: that is two switches of threads, a thousand times a training step.
pub fn on_all<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let named = |number| format!("worker {number}");
    match rayon::ThreadPoolBuilder::new().thread_name(named).build() {
        Ok(pool) => pool.install(work),
        // The system gives no more threads.
        Err(_) => work(),
    }
}
