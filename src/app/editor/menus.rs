//! Menus, and menus within menus, that stay open while they are worked with.

use eframe::egui::containers::menu::{MenuButton, MenuConfig, SubMenuButton, is_in_menu};
use eframe::egui::{PopupCloseBehavior, Response, Ui};

/// A button called `name` and its menu; a menu within another where it stands in one. It closes when somebody
/// clicks elsewhere, or as its contents say.
pub fn menu(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui)) -> Response {
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    if is_in_menu(ui) {
        SubMenuButton::new(name).config(config).ui(ui, contents).0
    } else {
        MenuButton::new(name).config(config).ui(ui, contents).0
    }
}

/// Gives a widget that has no label beside it a name for those who do not see it.
pub fn name(response: &Response, name: &str) {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
}
