pub mod link;
pub mod message;
