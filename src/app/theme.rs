//! Colours, spacing and text sizes of the window, dark and light.

use eframe::egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Ui,
    Visuals, vec2,
};

/// Corner radius of cards, points.
pub const CARD_RADIUS: u8 = 10;

/// Corner radius of buttons, fields and picture tiles, points.
pub const TILE_RADIUS: u8 = 5;

/// Space between cards, points.
pub const GAP: f32 = 10.0;

/// The colours of one theme.
pub struct Palette {
    pub backdrop: Color32,
    pub card: Color32,
    /// Ground of fields, plots and picture areas.
    pub well: Color32,
    pub edge: Color32,
    pub text: Color32,
    pub faint: Color32,
    pub button: Color32,
    pub button_hover: Color32,
    pub accent: Color32,
    pub on_accent: Color32,
    pub good: Color32,
    pub warn: Color32,
    pub error: Color32,
    /// Curves in the order they first appear; told apart by colour-blind eyes too.
    pub curves: [Color32; 8],
}

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

pub const DARK: Palette = Palette {
    backdrop: hex(0x12_14_18),
    card: hex(0x1b_1e_24),
    well: hex(0x14_16_1b),
    edge: hex(0x2b_2f_38),
    text: hex(0xdc_df_e4),
    faint: hex(0x8d_94_a1),
    button: hex(0x2a_2e_37),
    button_hover: hex(0x36_3b_46),
    accent: hex(0x4f_b8_a6),
    on_accent: hex(0x0d_1a_18),
    good: hex(0x7d_c4_7f),
    warn: hex(0xe5_b4_5a),
    error: hex(0xf0_7f_78),
    curves: [
        hex(0x5b_c2_e7),
        hex(0xf0_a8_4b),
        hex(0x5f_c9_a0),
        hex(0xe8_82_a7),
        hex(0xb3_9c_f0),
        hex(0xe8_d8_5e),
        hex(0xe8_78_5c),
        hex(0xa8_b0_bd),
    ],
};

const LIGHT: Palette = Palette {
    backdrop: hex(0xee_f0_f3),
    card: hex(0xff_ff_ff),
    well: hex(0xf5_f6_f8),
    edge: hex(0xdc_df_e5),
    text: hex(0x20_24_2b),
    faint: hex(0x62_6a_77),
    button: hex(0xe9_ec_f0),
    button_hover: hex(0xdd_e1_e7),
    accent: hex(0x12_80_70),
    on_accent: hex(0xff_ff_ff),
    good: hex(0x2f_7d_3a),
    warn: hex(0x8f_5f_00),
    error: hex(0xb8_2e_2a),
    curves: [
        hex(0x0b_7a_b8),
        hex(0xc9_6a_00),
        hex(0x0f_86_60),
        hex(0xb8_3a_70),
        hex(0x6a_4c_c0),
        hex(0x8a_7a_00),
        hex(0xb0_40_20),
        hex(0x5c_64_70),
    ],
};

/// The palette of the theme that `ui` is drawn in.
pub fn palette(ui: &Ui) -> &'static Palette {
    palette_of(ui.visuals())
}

/// The same where there is no pane at hand.
pub fn palette_of(visuals: &Visuals) -> &'static Palette {
    if visuals.dark_mode { &DARK } else { &LIGHT }
}

/// Width of a line of text, points.
pub fn width(ui: &Ui, style: &TextStyle, words: &str) -> f32 {
    let font = style.resolve(ui.style());
    ui.painter().layout_no_wrap(words.to_owned(), font, Color32::WHITE).size().x.ceil()
}

/// Gives both themes their colours, spacing and text sizes.
pub fn install(ctx: &Context) {
    ctx.set_visuals_of(Theme::Dark, visuals(Visuals::dark(), &DARK));
    ctx.set_visuals_of(Theme::Light, visuals(Visuals::light(), &LIGHT));
    ctx.all_styles_mut(spacing);
}

fn visuals(mut visuals: Visuals, palette: &Palette) -> Visuals {
    visuals.panel_fill = palette.backdrop;
    visuals.window_fill = palette.card;
    visuals.window_stroke = Stroke::new(1.0, palette.edge);
    visuals.extreme_bg_color = palette.well;
    visuals.faint_bg_color = palette.well;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.error;
    visuals.weak_text_color = Some(palette.faint);
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.45);
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    visuals.popup_shadow = Shadow::NONE;
    visuals.slider_trailing_fill = true;
    let widgets = &mut visuals.widgets;
    for (state, fill, line) in [
        (&mut widgets.noninteractive, palette.card, palette.edge),
        (&mut widgets.inactive, palette.button, palette.edge),
        (&mut widgets.hovered, palette.button_hover, palette.faint),
        (&mut widgets.active, palette.button_hover, palette.accent),
        (&mut widgets.open, palette.button_hover, palette.edge),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, line);
        state.fg_stroke = Stroke::new(1.0, palette.text);
        state.corner_radius = CornerRadius::same(TILE_RADIUS);
        state.expansion = 0.0;
    }
    visuals
}

fn spacing(style: &mut Style) {
    style.spacing.item_spacing = vec2(8.0, 6.0);
    style.spacing.button_padding = vec2(10.0, 5.0);
    style.spacing.interact_size.y = 26.0;
    style.spacing.slider_width = 120.0;
    style.spacing.window_margin = Margin::same(10);
    style.text_styles = [
        (TextStyle::Heading, 15.0, FontFamily::Proportional),
        (TextStyle::Body, 13.5, FontFamily::Proportional),
        (TextStyle::Button, 13.5, FontFamily::Proportional),
        (TextStyle::Small, 11.5, FontFamily::Proportional),
        (TextStyle::Monospace, 12.5, FontFamily::Monospace),
    ]
    .into_iter()
    .map(|(name, points, family)| (name, FontId::new(points, family)))
    .collect();
}
