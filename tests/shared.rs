//! A window on the trainer's device. Everything in one test: it lends the process's device, and ends by
//! losing it. A software rasteriser will do; without any adapter the test fails.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};
use eframe::egui::TextureId;
use eframe::egui_wgpu::{RenderState, RendererOptions, WgpuSetup, WgpuSetupExisting};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state};
use image::{RgbImage, RgbaImage};

use signet::app::Studio;
use signet::data::pixels::{BYTE_EDGES, from_unit, picture_from_chw, to_unit};
use signet::gpu::{self, DevicePictures, DeviceSpec, Opened};
use signet::random::{Random, Stream};
use signet::recipe;
use signet::run::link::Link;
use signet::run::message::{Averaging, Command, Message, Pictures, Progress, Stage};
use signet::run::{self, Limits, Meant, Options};

/// Longest wait for anything: software rendering on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Colour and gray; sides whose rows fill what a copy asks for, and that do not.
const SHAPES: [[usize; 4]; 3] = [[5, 3, 7, 7], [4, 1, 16, 16], [3, 3, 64, 64]];

#[test]
fn a_window_draws_from_the_trainers_memory_what_it_would_have_uploaded() {
    let opened = gpu::open(&DeviceSpec::Wgpu(Some(0))).expect(
        "this test needs a wgpu adapter; Debian's mesa-vulkan-drivers and libvulkan1 bring a software one",
    );
    nobody_draws_nothing_is_kept(&opened);
    for (shape, values) in SHAPES.into_iter().zip(0..).map(|(shape, i)| (shape, numbers(shape, i))) {
        both_ways_paint_the_same(&opened, shape, &values);
    }
    what_is_replaced_is_given_back(&opened);
    a_window_on_another_device_uploads(&opened);
    a_run_keeps_its_newest_grid_for_the_window(&opened);
    burn_still_learns_that_its_device_is_lost(&opened);
}

fn nobody_draws_nothing_is_kept(opened: &Opened) {
    let shape = SHAPES[0];
    let images = || vec![tensor(&numbers(shape, 0), shape, &opened.device)];
    assert!(DevicePictures::of(images(), &BYTE_EDGES).is_none());
    let window = state(opened);
    assert!(gpu::lend(&window.instance, &window.device), "the trainer's device is known");
    assert!(DevicePictures::of(images(), &BYTE_EDGES).is_some());
    assert!(DevicePictures::of(Vec::new(), &BYTE_EDGES).is_none());
    // Points of the plane are drawn as dots by the host.
    assert!(
        DevicePictures::of(vec![tensor(&[0.1, 0.2], [1, 2, 1, 1], &opened.device)], &BYTE_EDGES).is_none()
    );
    let cpu = tensor(&numbers(shape, 0), shape, &Device::flex());
    assert!(DevicePictures::of(vec![cpu], &BYTE_EDGES).is_none());
}

fn both_ways_paint_the_same(opened: &Opened, shape: [usize; 4], values: &[f32]) {
    let (host, on_device) = trained(opened, shape, values);
    let count = host.len();
    // The host's copy is black here: what is seen must come from the device.
    let black = host.iter().map(|picture| RgbImage::new(picture.width(), picture.height()));
    let black: Pictures = black.collect();
    let mut drawing = Window::on(state(opened));
    let drawn = drawing.tiles(&black.also(&on_device), count);
    let mut uploading = Window::on(state(opened));
    let uploaded = uploading.tiles(&Pictures::from(host), count);
    assert_eq!(drawn.len(), count);
    for (i, (drawn, uploaded)) in drawn.iter().zip(&uploaded).enumerate() {
        assert_eq!(drawn.dimensions(), uploaded.dimensions());
        let different = drawn.pixels().zip(uploaded.pixels()).filter(|(a, b)| a != b).count();
        assert_eq!(different, 0, "pixels of picture {i} of {shape:?}");
    }
    let bright = |tile: &RgbaImage| tile.pixels().any(|pixel| pixel.0[0] > 200);
    assert!(drawn.iter().any(bright), "{shape:?} is black");
}

fn what_is_replaced_is_given_back(opened: &Opened) {
    let [(host, first), (_, second)] = [0, 1].map(|i| trained(opened, SHAPES[0], &numbers(SHAPES[0], i)));
    let count = host.len();
    let pictures = Pictures::from(host.clone()).also(&first);
    let state = state(opened);
    let renderer = Arc::clone(&state.renderer);
    let mut window = Window::on(state);
    window.tiles(&pictures, count);
    let textures = |ids: std::ops::Range<u64>| {
        ids.filter(|id| renderer.read().texture(&TextureId::User(*id)).is_some()).count()
    };
    assert_eq!(textures(0..100), count);
    assert_eq!(Arc::strong_count(&first), 1, "the window has copied the pictures");
    drop(first);
    assert!(pictures.on_device().is_none());
    window.tiles(&Pictures::from(host).also(&second), count);
    assert_eq!(textures(0..count as u64), 0, "the first grid's textures are freed");
    assert_eq!(textures(0..100), count);
}

fn a_window_on_another_device_uploads(opened: &Opened) {
    let (host, on_device) = trained(opened, SHAPES[1], &numbers(SHAPES[1], 0));
    let white: Pictures = host.iter().map(|_| RgbImage::from_pixel(16, 16, image::Rgb([255; 3]))).collect();
    let state = create_render_state(egui_kittest::wgpu::default_wgpu_setup(), RendererOptions::PREDICTABLE);
    assert!(!gpu::lend(&state.instance, &state.device), "nobody trains there");
    let tiles = Window::on(state).tiles(&white.also(&on_device), host.len());
    let middle = |tile: &RgbaImage| tile.get_pixel(tile.width() / 2, tile.height() / 2).0;
    assert!(tiles.iter().all(|tile| middle(tile) == [255; 4]));
}

/// A real trainer on this device; it rests while the window looks.
fn a_run_keeps_its_newest_grid_for_the_window(opened: &Opened) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut recipe = recipe::preset("img64-sid").expect("the preset");
    recipe.data.limit = Some(256);
    (recipe.network.model_channels, recipe.network.num_blocks) = (8, 1);
    (recipe.teacher.kimg, recipe.teacher.batch, recipe.teacher.sample_steps) = (0.008, 8, 2);
    (recipe.student.kimg, recipe.student.batch) = (1000.0, 8);
    (recipe.report.grid, recipe.report.metric_samples) = (4, 64);
    let options = Options {
        out: folder.path().to_path_buf(),
        fresh: false,
        resume: None,
        device: DeviceSpec::Wgpu(Some(0)),
        untested_device: true,
        limits: Limits { max_kimg: None, max_minutes: Some(30.0) },
        meant: Meant::default(),
        stays: false,
    };
    let (link, trainer) = run::start(recipe, options, signet::report::write_beside).expect("the run starts");
    let order = |command| link.commands.send(command).expect("a trainer that listens");
    let mut rests = false;
    let mut drawn = None;
    for message in &link.messages {
        match message {
            Message::StageStarted { stage: Stage::Sid, .. } => order(Command::Pause),
            Message::Paused => {
                rests = true;
                order(Command::SampleNow);
            }
            Message::Samples { pictures, .. } if rests => {
                assert!(pictures.on_device().is_some(), "the student's grid is on the device");
                let drawing = Window::on(state(opened)).tiles(&pictures, pictures.len());
                let host = Pictures::from(pictures.to_vec());
                drawn = Some((drawing, Window::on(state(opened)).tiles(&host, host.len()), pictures));
                order(Command::Stop);
            }
            Message::Failed(error) => panic!("{error}"),
            _ => {}
        }
    }
    trainer.join().expect("the trainer's thread");
    let (drawn, uploaded, pictures) = drawn.expect("a grid of the student");
    assert!(drawn == uploaded && drawn.len() == 4);
    assert!(pictures.on_device().is_none(), "the memory goes with the run");
}

/// A device tells one listener that it is lost, and a window must not take burn's place.
fn burn_still_learns_that_its_device_is_lost(opened: &Opened) {
    let state = state(opened);
    let alive = tensor(&[1.0], [1, 1, 1, 1], &opened.device);
    assert_eq!(gpu::read(alive.clone()), Ok(vec![1.0]));
    let mut window = Window::on(state.clone());
    window.tiles(&Pictures::from(vec![RgbImage::new(4, 4)]), 1);
    state.device.destroy();
    // A driver that resets a device says so at once; after `destroy` wgpu has to be asked.
    state.device.poll(wgpu::PollType::Poll).expect("an answer");
    let error = gpu::read(alive + 1.0).expect_err("a lost device has no numbers");
    assert!(error.to_string().contains("lost"), "{error}");
}

/// Noise, and the numbers at which one byte becomes the next, from both sides.
fn numbers(shape: [usize; 4], step: u64) -> Vec<f32> {
    let len = shape.iter().product();
    let mut values = Random::new(0, Stream::SelfTest).normals(step, 0, len);
    let edges = BYTE_EDGES.into_iter().flat_map(|edge| {
        [edge.next_down().next_down(), edge.next_down(), edge, edge.next_up(), edge.next_up().next_up()]
    });
    let bytes = (0..=255u8).map(to_unit);
    let strange = [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30, 0.0, -0.0, 1e-40];
    let chosen = strange.into_iter().chain(edges).chain(bytes);
    values.iter_mut().skip(len / 3).zip(chosen).for_each(|(value, chosen)| *value = chosen);
    values
}

fn tensor(values: &[f32], shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

/// What a trainer's thread hands out: pictures of the host and the same on the device.
fn trained(opened: &Opened, shape: [usize; 4], values: &[f32]) -> (Vec<RgbImage>, Arc<DevicePictures>) {
    let (values, device) = (values.to_vec(), opened.device.clone());
    let trainer = std::thread::spawn(move || {
        let images = tensor(&values, shape, &device);
        // Not in one piece, not in the order of memory, and put off by fusion.
        let groups: Vec<Tensor<4>> = images.permute([0, 1, 3, 2]).split(2, 0);
        let groups: Vec<_> = groups.into_iter().map(|group| group * 1.0).collect();
        let kept = groups.iter().cloned().map(|group| group.permute([0, 1, 3, 2])).collect();
        let numbers = gpu::read(Tensor::cat(kept, 0)).expect("numbers");
        let kept = groups.into_iter().map(|group| group.permute([0, 1, 3, 2])).collect();
        let on_device = DevicePictures::of(kept, &BYTE_EDGES).expect("pictures on the device");
        (numbers, on_device)
    });
    let (numbers, on_device) = trainer.join().expect("the trainer's thread");
    let len = shape[1..].iter().product();
    let host = numbers.chunks(len).map(|chw| picture_from_chw(chw, shape[1], shape[3])).collect();
    assert!(numbers.iter().any(|x| from_unit(*x) > 200));
    (host, Arc::new(on_device))
}

/// A painter on the trainer's device.
fn state(opened: &Opened) -> RenderState {
    let setup = opened.setup.clone().expect("a wgpu device has handles");
    let setup = WgpuSetupExisting {
        instance: setup.instance,
        adapter: setup.adapter,
        device: setup.device,
        queue: setup.queue,
    };
    create_render_state(WgpuSetup::Existing(setup), RendererOptions::PREDICTABLE)
}

struct Window {
    harness: Harness<'static, Studio>,
    voice: Sender<Message>,
    step: u64,
}

impl Window {
    fn on(state: RenderState) -> Self {
        let ((voice, messages), (commands, _)) = (channel(), channel());
        let harness = Harness::builder()
            .with_size([1320.0, 860.0])
            .renderer(WgpuTestRenderer::from_render_state(state))
            .build_eframe(|cc| {
                Studio::new(cc, Link { messages, commands: commands.into() }).expect("threads")
            });
        Self { harness, voice, step: 0 }
    }

    /// What is painted where `pictures` are shown.
    fn tiles(&mut self, pictures: &Pictures, count: usize) -> Vec<RgbaImage> {
        self.step += 1;
        let kimg = self.step as f64;
        let at = Progress { stage: Stage::Sign, step: self.step, kimg, stage_kimg: 60.0, elapsed_secs: kimg };
        let samples =
            Message::Samples { at, averaging: Averaging::Ema, pictures: pictures.clone(), path: None };
        self.voice.send(samples).expect("a window that listens");
        let (start, caption) = (Instant::now(), format!("step {}", self.step));
        while self.harness.query_by_label_contains(&caption).is_none() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {caption}");
            self.harness.step();
            std::thread::sleep(Duration::from_millis(5));
        }
        self.harness.run_steps(3);
        let painted = self.harness.render().expect("a painted window");
        let tile = |i: usize| {
            let rect = self.harness.get_by_label(&format!("sample {i}")).rect();
            let [x, y, width, height] =
                [rect.left(), rect.top(), rect.width(), rect.height()].map(|v| v as u32);
            image::imageops::crop_imm(&painted, x, y, width, height).to_image()
        };
        (1..=count).map(tile).collect()
    }
}
