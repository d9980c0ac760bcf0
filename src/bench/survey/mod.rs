//! Everything that a developer would measure first on a machine, in one file: what its adapters are, whether they
//! calculate right, how fast they copy, multiply and convolve, what our kernels reach of that, and what training steps
//! take and ask for. Its owner runs one command and sends the file.
//!
//! Each part is a [`Job`] that [`perform`] does; [`conduct`] has the parts done one after another, each within its own
//! time, and keeps the [`Report`] after each. Who calls it says where a part runs: in a process of its own a driver
//! that crashes or hangs takes no other part with it, and a device that was lost can be opened again.

mod budget;
mod conduct;
mod convolutions;
mod copies;
mod file;
mod items;
mod job;
mod kernel_times;
mod machine;
mod perform;
mod products;
mod report;
mod rows;
mod steps;
mod table;
mod timing;
mod torch_rows;
mod word;

pub use conduct::{Ending, conduct};
pub use file::{may_be_written, write};
pub use job::{Extent, Job, Network, Part, Plan, TorchAsk};
pub use perform::perform;
pub use report::{FORMAT, Outcome, PartRecord, Report, Trouble};
pub use rows::{
    ChosenDevice, ConvolutionRow, CopyRow, CountRow, KernelRow, ProductRow, SelfTestRow, StepRow, TorchRow,
};
pub use timing::Timing;
pub use word::{Finding, Word};

#[cfg(test)]
mod tests;
