//! The source's side of a drop: it offers, is asked for the list of files, and hears how it ended.

use std::error::Error;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        XdndAware,
        XdndSelection,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndDrop,
        XdndFinished,
        XdndActionCopy,
        uris: b"text/uri-list",
    }
}

/// Of the protocol.
const VERSION: u32 = 5;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the files are held over the window, so that it can show that they may be dropped.
const HOLD: Duration = Duration::from_millis(800);

struct Source {
    x: RustConnection,
    /// That the files come from, and that they go to.
    windows: [u32; 2],
    uris: Vec<u8>,
}

/// Drops the files of `uris` (lines of `file://` addresses) in the middle of window `target`.
pub fn drop_on(target: u32, uris: &[u8]) -> Result<(), Box<dyn Error>> {
    let (x, screen) = x11rb::connect(None)?;
    let atoms = Atoms::new(&x)?.reply()?;
    let root = x.setup().roots[screen].root;
    let own = x.generate_id()?;
    let aux = CreateWindowAux::new();
    x.create_window(0, own, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?;
    let aware = x.get_property(false, target, atoms.XdndAware, AtomEnum::ATOM, 0, 1)?.reply()?;
    if aware.value_len == 0 {
        return Err(format!("window {target} takes no drops").into());
    }
    let size = x.get_geometry(target)?.reply()?;
    let middle =
        x.translate_coordinates(target, root, (size.width / 2) as i16, (size.height / 2) as i16)?.reply()?;
    x.set_selection_owner(own, atoms.XdndSelection, x11rb::CURRENT_TIME)?;
    let source = Source { x, windows: [own, target], uris: uris.to_vec() };
    let place = (middle.dst_x as u32) << 16 | middle.dst_y as u32;
    source.say(atoms.XdndEnter, [VERSION << 24, atoms.uris, 0, 0])?;
    source.say(atoms.XdndPosition, [0, place, x11rb::CURRENT_TIME, atoms.XdndActionCopy])?;
    if source.hear(atoms.XdndStatus)?[1] & 1 == 0 {
        return Err("the window does not want these files".into());
    }
    std::thread::sleep(HOLD);
    source.say(atoms.XdndDrop, [0, x11rb::CURRENT_TIME, 0, 0])?;
    match source.hear(atoms.XdndFinished)?[1] & 1 {
        0 => Err("the window did not take these files".into()),
        _ => Ok(()),
    }
}

impl Source {
    fn say(&self, what: u32, [a, b, c, d]: [u32; 4]) -> Result<(), Box<dyn Error>> {
        let [own, target] = self.windows;
        let event = ClientMessageEvent::new(32, target, what, [own, a, b, c, d]);
        self.x.send_event(false, target, EventMask::NO_EVENT, event)?;
        Ok(self.x.flush()?)
    }

    /// Waits for the message `what`, and gives out the files meanwhile.
    fn hear(&self, what: u32) -> Result<[u32; 5], Box<dyn Error>> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.x.poll_for_event()? {
                Some(Event::SelectionRequest(request)) => self.give(&request)?,
                Some(Event::ClientMessage(event)) if event.type_ == what => {
                    return Ok(event.data.as_data32());
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Err("the window does not answer".into())
    }

    fn give(&self, request: &SelectionRequestEvent) -> Result<(), Box<dyn Error>> {
        let to = request.requestor;
        self.x.change_property8(PropMode::REPLACE, to, request.property, request.target, &self.uris)?;
        let told = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: to,
            selection: request.selection,
            target: request.target,
            property: request.property,
        };
        self.x.send_event(false, to, EventMask::NO_EVENT, told)?;
        Ok(self.x.flush()?)
    }
}
