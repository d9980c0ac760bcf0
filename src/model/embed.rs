//! Noise-level embeddings of SongUNet (Song et al., 2021).

use burn::tensor::{Device, Tensor, TensorData};

/// Frequencies of SongUNet's positional embedding: `10000^(-i / (half - 1))`.
fn frequencies(half: usize) -> Vec<f64> {
    let last = (half.max(2) - 1) as f64;
    (0..half).map(|i| 10_000f64.powf(-(i as f64) / last)).collect()
}

/// `[sin | cos]` of `c_noise` times the frequencies, computed on the host in f64 because device
/// sines may be coarse: `[batch, channels]`.
pub fn positional_embedding(c_noise: &[f64], channels: usize, device: &Device) -> Tensor<2> {
    let freqs = frequencies(channels / 2);
    let mut rows = Vec::with_capacity(c_noise.len() * channels);
    for c in c_noise {
        rows.extend(freqs.iter().map(|f| (c * f).sin() as f32));
        rows.extend(freqs.iter().map(|f| (c * f).cos() as f32));
    }
    Tensor::from_data(TensorData::new(rows, [c_noise.len(), 2 * freqs.len()]), device)
}

/// The same for noise levels that a network predicted: gradients pass through. `c_noise`: `[batch]`.
pub fn positional_embedding_of(c_noise: Tensor<1>, channels: usize) -> Tensor<2> {
    let [batch] = c_noise.dims();
    let freqs: Vec<f32> = frequencies(channels / 2).into_iter().map(|f| f as f32).collect();
    let half = freqs.len();
    let freqs = Tensor::<1>::from_data(TensorData::new(freqs, [half]), &c_noise.device());
    let angles = c_noise.reshape([batch, 1]) * freqs.reshape([1, half]);
    Tensor::cat(vec![angles.clone().sin(), angles.cos()], 1)
}
