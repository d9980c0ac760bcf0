//! A grid of samples on its way into a window: from the trainer's memory, and from the host's.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use eframe::egui::epaint::ImageDelta;
use eframe::egui::mutex::RwLock;
use eframe::egui::{TextureId, TextureOptions};
use eframe::egui_wgpu::{RenderState, Renderer, RendererOptions};

use super::Drawn;
use crate::app::texture::to_color_image;
use crate::bench::{Benchmark, Build, Member};
use crate::data::pixels::{self, BYTE_EDGES};
use crate::error::{Error, Kind, Result};
use crate::gpu::{self, Backend, DevicePictures, read};
use crate::random::{Random, Stream};

/// Pictures, their channels, height and width.
const GRID: [usize; 4] = [64, 3, 64, 64];

/// Grids that one reading of the clock covers.
const TIMES: usize = 4;

/// What `signet bench` measures of pictures: `pictures/WAY`. Nothing on the CPU, where a window has but one way.
pub fn benchmarks(backend: Backend) -> Vec<Benchmark> {
    if backend == Backend::Cpu {
        return Vec::new();
    }
    let shared: Build = Box::new(|device| {
        let (images, state) = (images(device), state(device)?);
        Ok(Box::new(move || {
            for _ in 0..TIMES {
                let kept = DevicePictures::of(vec![images.clone()], &BYTE_EDGES);
                let drawn = kept.and_then(|kept| Drawn::on(state.clone(), &kept, GRID[0]));
                let lost = || Error::new(Kind::Device, "the pictures did not stay on the device");
                let _shown = drawn.ok_or_else(lost)?;
                finish(&state)?;
            }
            Ok(())
        }))
    });
    let uploaded: Build = Box::new(|device| {
        let state = state(device)?;
        let numbers = read(images(device))?;
        let picture = |chw| pixels::picture_from_chw(chw, GRID[1], GRID[3]);
        let pictures: Vec<_> = numbers.chunks(GRID[1] * GRID[2] * GRID[3]).map(picture).collect();
        Ok(Box::new(move || {
            for _ in 0..TIMES {
                let mut renderer = state.renderer.write();
                for (picture, id) in pictures.iter().zip(0..) {
                    let delta = ImageDelta::full(to_color_image(picture), TextureOptions::NEAREST);
                    renderer.update_texture(&state.device, &state.queue, TextureId::Managed(id), &delta);
                }
                state.queue.submit([]);
                finish(&state)?;
                (0..GRID[0] as u64).for_each(|id| renderer.free_texture(&TextureId::Managed(id)));
            }
            Ok(())
        }))
    });
    let benchmark = |(name, build): (&str, Build)| Benchmark {
        name: name.to_owned(),
        images: Some(GRID[0]),
        shape: format!("{GRID:?}"),
        large: false,
        torch: None,
        moved_bytes: None,
        times_a_pass: TIMES,
        members: vec![Member { variant: None, build }],
    };
    Vec::from([("pictures/shared", shared), ("pictures/uploaded", uploaded)].map(benchmark))
}

fn images(device: &Device) -> Tensor<4> {
    let numbers = Random::new(0, Stream::SelfTest).normals(0, 0, GRID.iter().product());
    Tensor::from_data(TensorData::new(numbers, GRID), device)
}

/// A window's painter on this device, without the window.
fn state(device: &Device) -> Result<RenderState> {
    let none = || Error::new(Kind::Device, "no window can draw on this device");
    let setup = gpu::handles(device).ok_or_else(none)?;
    gpu::lend(&setup.instance, &setup.device);
    let target_format = wgpu::TextureFormat::Rgba8Unorm;
    let renderer = Renderer::new(&setup.device, target_format, RendererOptions::default());
    Ok(RenderState {
        available_adapters: vec![setup.adapter.clone()],
        adapter: setup.adapter,
        instance: setup.instance,
        device: setup.device,
        queue: setup.queue,
        target_format,
        renderer: Arc::new(RwLock::new(renderer)),
    })
}

fn finish(state: &RenderState) -> Result<()> {
    let waited = state.device.poll(wgpu::PollType::wait_indefinitely());
    waited.map(drop).map_err(|e| Error::new(Kind::Device, format!("the device does not answer: {e}")))
}
