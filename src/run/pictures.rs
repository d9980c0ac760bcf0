//! Pictures as messages carry them.

use std::ops::Deref;
use std::sync::{Arc, Weak};

use image::RgbImage;

use crate::gpu::DevicePictures;

/// Pictures of one moment, all of one size; a clone is the same pictures.
#[derive(Clone, Debug)]
pub struct Pictures {
    host: Arc<Vec<RgbImage>>,
    on_device: Weak<DevicePictures>,
}

impl Pictures {
    /// These, which are on the device too as long as somebody holds `on_device`.
    pub fn also(mut self, on_device: &Arc<DevicePictures>) -> Self {
        self.on_device = Arc::downgrade(on_device);
        self
    }

    /// The same pictures on the trainer's device. None when they never were there, or newer ones have taken
    /// their place: a long history would fill the device.
    pub fn on_device(&self) -> Option<Arc<DevicePictures>> {
        self.on_device.upgrade()
    }

    /// Whether one is a clone of the other.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.host, &other.host)
    }
}

impl From<Vec<RgbImage>> for Pictures {
    fn from(pictures: Vec<RgbImage>) -> Self {
        Self { host: Arc::new(pictures), on_device: Weak::new() }
    }
}

impl FromIterator<RgbImage> for Pictures {
    fn from_iter<T: IntoIterator<Item = RgbImage>>(pictures: T) -> Self {
        pictures.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for Pictures {
    type Target = [RgbImage];

    fn deref(&self) -> &[RgbImage] {
        &self.host
    }
}
