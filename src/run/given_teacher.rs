//! A teacher that was trained before: read from where the recipe says, and known by its fingerprint.

use std::cell::OnceCell;
use std::path::Path;

use burn::tensor::Device;

use crate::data::Dataset;
use crate::diffusion::{GeneratorKind, GeneratorSpec};
use crate::error::{Error, Result};
use crate::recipe::{Origin, Recipe, Stage};
use crate::train::{self, Named};

/// The pretrained teacher that a recipe names, loaded when it is first asked for.
pub(super) struct GivenTeacher<'a> {
    recipe: &'a Recipe,
    data: &'a Dataset,
    device: &'a Device,
    loaded: OnceCell<LoadedTeacher>,
}

struct LoadedTeacher {
    spec: GeneratorSpec,
    tensors: Named,
    fingerprint: String,
}

impl<'a> GivenTeacher<'a> {
    pub fn new(recipe: &'a Recipe, data: &'a Dataset, device: &'a Device) -> Self {
        Self { recipe, data, device, loaded: OnceCell::new() }
    }

    /// Its fingerprint.
    ///
    /// # Errors
    /// A teacher that cannot be read, or does not fit the recipe and its images.
    pub fn fingerprint(&self) -> Result<String> {
        Ok(self.load()?.fingerprint.clone())
    }

    fn load(&self) -> Result<&LoadedTeacher> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let path = self.recipe.teacher.path.as_deref().unwrap_or(Path::new(""));
        let (spec, tensors) = read(path, self.recipe, self.data, self.device)?;
        let fingerprint = train::fingerprint_of(&tensors);
        Ok(self.loaded.get_or_init(|| LoadedTeacher { spec, tensors, fingerprint }))
    }

    /// A word on a teacher that has changed where a run that goes on has its own with it.
    pub fn replaced(&self, origin: &Origin) -> Option<String> {
        let path = self.recipe.teacher.path.as_deref().filter(|path| path.exists())?;
        let began = Some(&origin.teacher).filter(|print| !print.is_empty())?;
        let now = &self.load().ok()?.fingerprint;
        (began != now).then(|| {
            format!(
                "{}: this teacher has changed since the run began ({began}, now {now}): the run goes on with the \
                 one that it began with; --fresh distils the new one",
                path.display()
            )
        })
    }

    /// What was loaded.
    pub fn taken(self) -> Option<(GeneratorSpec, Named)> {
        self.loaded.into_inner().map(|loaded| (loaded.spec, loaded.tensors))
    }
}

/// The teacher at `path`, which has to fit the recipe and its images.
fn read(path: &Path, recipe: &Recipe, data: &Dataset, device: &Device) -> Result<(GeneratorSpec, Named)> {
    let train::Found { generator, path: found, passed_over } =
        train::find_generator(path, Some(Stage::Teacher), device)?;
    if let Some(error) = passed_over {
        return Err(Error { remedy: None, ..error }.hint(format!(
            "the newest teacher there is damaged: give an older one by its path ({})",
            found.display()
        )));
    }
    let unet = &generator.spec.unet;
    let wrong = |what: String, hint: &str| Err(Error::checkpoint(path, what).hint(hint));
    if !matches!(generator.spec.kind, GeneratorKind::Teacher { .. }) {
        return wrong("this model is a student, not a teacher".into(), "give the checkpoint of a teacher");
    }
    if (unet.img_resolution, unet.img_channels) != (data.size, data.channels) {
        return wrong(
            format!(
                "the teacher makes {0}×{0} images of {1} channels, the data are {2}×{2} of {3}",
                unet.img_resolution, unet.img_channels, data.size, data.channels
            ),
            "set data.size (--size) to the teacher's",
        );
    }
    let classes = if recipe.data.use_labels { data.classes() } else { 0 };
    if unet.label_dim != classes {
        let (has, hint) = match (unet.label_dim, classes) {
            (_, 0) => ("does not use them", "train with the images' labels: data.use_labels (--labels)"),
            (0, _) => {
                ("uses them", "leave data.use_labels (--labels) out, or give a teacher that knows classes")
            }
            _ => ("uses other ones", "give the images that the teacher was trained on"),
        };
        let what = format!("the teacher knows {} classes, the recipe {has} ({classes})", unet.label_dim);
        return wrong(what, hint);
    }
    let mut spec = generator.spec.clone();
    if recipe.network.dropout > 0.0 {
        spec.unet.dropout = recipe.network.dropout;
    }
    train::check_student(recipe, &spec).map_err(|e| e.at(path))?;
    let weights = generator.weights().named()?;
    train::check_teacher(&weights)
        .map_err(|e| Error { remedy: None, ..e }.at(path).hint("give another teacher"))?;
    Ok((spec, weights))
}
