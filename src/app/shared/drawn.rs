//! Textures filled from the trainer's memory.

use std::sync::{Arc, Weak};

use eframe::egui::load::SizedTexture;
use eframe::egui::{Context, Id, vec2};
use eframe::egui_wgpu::RenderState;

use crate::gpu::DevicePictures;

/// Tells `ctx` which device draws it, as long as what is returned lives.
///
/// Threads that wake a window hold its context too, and may hold it last. A graphics driver that such a
/// thread unloads while the process ends takes the process down.
pub fn draw_on(ctx: &Context, state: RenderState) -> Arc<RenderState> {
    let state = Arc::new(state);
    ctx.data_mut(|data| data.insert_temp(key(), Arc::downgrade(&state)));
    state
}

fn key() -> Id {
    Id::unique("the device that draws")
}

/// Pictures as textures of a window, until dropped.
pub struct Drawn {
    state: RenderState,
    textures: Vec<SizedTexture>,
}

impl Drawn {
    /// Copies the first `most` of `pictures` into textures, on the device that they are on. None where
    /// another one draws `ctx`, or they are too large for it.
    pub fn of(ctx: &Context, pictures: &DevicePictures, most: usize) -> Option<Self> {
        let state = ctx.data(|data| data.get_temp::<Weak<RenderState>>(key()))?;
        Self::on(RenderState::clone(&*state.upgrade()?), pictures, most)
    }

    /// The same for the window of `state`.
    pub fn on(state: RenderState, pictures: &DevicePictures, most: usize) -> Option<Self> {
        let [width, height] = pictures.size().map(|side| side as u32);
        if !pictures.are_on(&state.instance, &state.device)
            || width.max(height) > state.device.limits().max_texture_dimension_2d
        {
            return None;
        }
        let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        let texture = || {
            state.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("trainer's picture"),
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::COPY_DST | wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            })
        };
        let mut encoder = state.device.create_command_encoder(&Default::default());
        let mut textures = Vec::new();
        {
            let mut renderer = state.renderer.write();
            for index in 0..pictures.count().min(most) {
                let texture = texture();
                encoder.copy_buffer_to_texture(pictures.picture(index), texture.as_image_copy(), size);
                let view = texture.create_view(&Default::default());
                let id = renderer.register_native_texture(&state.device, &view, wgpu::FilterMode::Nearest);
                textures.push(SizedTexture::new(id, vec2(width as f32, height as f32)));
            }
        }
        // Submitted while `pictures` holds their memory: whatever is written there later comes later.
        state.queue.submit([encoder.finish()]);
        Some(Self { state, textures })
    }

    /// In the pictures' order.
    pub fn textures(&self) -> &[SizedTexture] {
        &self.textures
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        let mut renderer = self.state.renderer.write();
        self.textures.iter().for_each(|texture| renderer.free_texture(&texture.id));
    }
}
