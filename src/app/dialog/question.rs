//! What a dialog asks for.

/// A kind of file, in words, and how their names end.
type Filter = (&'static str, &'static [&'static str]);

/// How the names of trained networks' files end.
pub const NETWORKS: &[&str] = &["pkl", "pt", "pth", "safetensors"];

/// What is to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Pictures to edit.
    Pictures,
    /// Training images.
    ImageFolder,
    ImageFile,
    /// A trained network, or a run that has one.
    TeacherFile,
    TeacherRun,
    /// A recipe of the user's.
    Recipe,
    /// A run to go on with.
    Run,
}

/// What an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Folder,
    File(Filter),
    Files(Filter),
}

impl Question {
    /// The dialog's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pictures => "Choose pictures",
            Self::ImageFolder => "Choose a folder of images",
            Self::ImageFile => "Choose an archive of images",
            Self::TeacherFile => "Choose a teacher's file",
            Self::TeacherRun => "Choose a teacher's run folder",
            Self::Recipe => "Choose a recipe",
            Self::Run => "Choose a run folder",
        }
    }

    pub fn target(self) -> Target {
        match self {
            Self::ImageFolder | Self::TeacherRun | Self::Run => Target::Folder,
            Self::Pictures => Target::Files(("pictures", &["png", "jpg", "jpeg", "webp", "gif", "bmp"])),
            // MNIST's and CIFAR's files have endings of their own kind, if any.
            Self::ImageFile => Target::File(("archives", &["zip", "tar", "gz", "tgz"])),
            Self::TeacherFile => Target::File(("networks", NETWORKS)),
            Self::Recipe => Target::File(("recipes", &["toml"])),
        }
    }
}
