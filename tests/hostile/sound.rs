//! The files that the other tests damage are read rightly while they are whole.

use signet::diffusion::{GeneratorKind, Precond};
use signet::import::{self, Imported, Options, Role};
use zip::CompressionMethod;

use crate::files::{self, Tensors};
use crate::python::Py;

fn read(bytes: &[u8], options: &Options) -> Imported {
    import::read(bytes, options).unwrap_or_else(|e| panic!("{e}"))
}

fn same(imported: &Imported, tensors: &Tensors) {
    assert_eq!(imported.tensors.len(), tensors.len());
    for (name, (_, numbers)) in tensors {
        assert_eq!(&imported.tensors[name], numbers, "{name}");
    }
}

#[test]
fn every_kind_of_file_gives_the_same_network() {
    let tensors = files::tensors(0);
    let (precond, unet) = import::from_kwargs(&files::kwargs(), "EDMPrecond").expect("a network");
    let pickled = read(&files::edm_pickle(&tensors), &Options::default());
    same(&pickled, &tensors);
    assert_eq!((pickled.spec.precond, &pickled.spec.unet), (precond, &unet));
    assert_eq!(pickled.spec.kind, GeneratorKind::Teacher { sample_steps: 18 });
    assert!(pickled.report.assumed.is_empty(), "{:?}", pickled.report.assumed);

    // Tensors alone show everything but dropout and preconditioning.
    let shown = signet::model::UnetConfig { dropout: 0.0, ..unet };
    let zipped = files::zip(&files::state_dict_files(&tensors), CompressionMethod::Stored);
    for bytes in [files::legacy_file(&tensors), files::safetensors(&tensors), zipped] {
        let inferred = read(&bytes, &Options::default());
        same(&inferred, &tensors);
        assert_eq!((inferred.spec.precond, &inferred.spec.unet), (Precond::Edm, &shown));
        assert!(inferred.report.assumed.iter().any(|a| a.contains("preconditioning")));
    }
}

#[test]
fn a_training_state_gives_the_network_that_is_asked_for() {
    let [fake, generator, average] = [1, 2, 3].map(files::tensors);
    let files = files::sid_files(&fake, &generator, &average);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let bytes = files::zip(&files, method);
        let asked = |network: &str| Options { network: Some(network.into()), ..Options::default() };
        let default = read(&bytes, &Options::default());
        same(&default, &average);
        assert_eq!(default.spec.kind, GeneratorKind::Sid { sigma_init: 2.5 });
        same(&read(&bytes, &asked("G")), &generator);
        let fake_read = read(&bytes, &asked("fake_score"));
        same(&fake_read, &fake);
        assert_eq!(fake_read.spec.kind, GeneratorKind::Teacher { sample_steps: 18 });
        let error = import::read(&bytes, &asked("D")).expect_err("read").to_string();
        assert!(error.contains("fake_score, G, G_ema"), "{error}");
    }
}

/// All tensors are windows on one storage, and every matrix lies there with its columns first.
#[test]
fn windows_on_a_shared_storage() {
    let tensors = files::tensors(4);
    let (mut storage, mut windows) = (Vec::new(), Vec::new());
    for (name, (shape, numbers)) in &tensors {
        let offset = storage.len() as i64;
        let strides = match shape.as_slice() {
            [rows, columns] => {
                let transposed =
                    (0..*columns).flat_map(|c| (0..*rows).map(move |r| numbers[r * columns + c]));
                storage.extend(transposed);
                vec![1, *rows]
            }
            _ => {
                storage.extend(numbers);
                files::row_major(shape)
            }
        };
        windows.push((name.clone(), offset, shape.clone(), strides));
    }
    let identity = files::identity("0", storage.len(), false);
    let entries = windows.into_iter().map(|(name, offset, shape, strides)| {
        (name, files::rebuilt(identity.clone(), offset, Py::sizes(&shape), Py::sizes(&strides)))
    });
    let pickle = Py::Dict(entries.collect()).pickle();
    let data = storage.iter().flat_map(|v| v.to_le_bytes()).collect();
    let files = [("a/data.pkl".to_string(), pickle), ("a/data/0".to_string(), data)];
    same(&read(&files::zip(&files, CompressionMethod::Stored), &Options::default()), &tensors);
}

#[test]
fn the_users_word_counts() {
    let bytes = files::safetensors(&files::tensors(0));
    let options = Options { precond: Some(Precond::Ve), role: Some(Role::Sid), network: None };
    let imported = read(&bytes, &options);
    assert_eq!(imported.spec.precond, Precond::Ve);
    assert_eq!(imported.spec.kind, GeneratorKind::Sid { sigma_init: 2.5 });
    let described = imported.to_string();
    for word in ["DDPM++", "2×2 pixels, gray", "2 classes", "CC BY-NC-SA 4.0", "one step"] {
        assert!(described.contains(word), "{word}: {described}");
    }
}
