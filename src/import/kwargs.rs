//! The keyword arguments that EDM's networks are made with, as our configuration.

use serde_json::Value;

use super::shown::shown;
use crate::diffusion::{Precond, SIGMA_DATA};
use crate::error::{Error, Kind, Result};
use crate::model::{self, Architecture, Decoder, Embedding, Encoder, SongStyle, UnetConfig};

/// Reads the arguments of an object of class `precond_class` (`EDMPrecond`, say). What is missing has the
/// value that EDM gives it; arguments beyond those are ignored, for they do not change the network.
///
/// # Errors
/// `Kind::Checkpoint` naming the class that is unknown to us, or the argument that is of another kind, out
/// of range, or another constant than ours.
pub fn from_kwargs(kwargs: &Value, precond_class: &str) -> Result<(Precond, UnetConfig)> {
    let args = Args(kwargs);
    let precond = precond(&args, precond_class)?;
    let default_type = if matches!(precond, Precond::Vp | Precond::Ve) { "SongUNet" } else { "DhariwalUNet" };
    let model_type = args.text("model_type", default_type)?;
    let (architecture, usual) = match model_type {
        "SongUNet" => (Architecture::Song(song_style(&args)?), &SONG),
        "DhariwalUNet" => (Architecture::Dhariwal, &DHARIWAL),
        other => {
            return Err(bad(
                format!("its network is a {}", shown(other)),
                "SongUNet and DhariwalUNet are known",
            ));
        }
    };
    let config = UnetConfig {
        img_resolution: args.required("img_resolution")?,
        img_channels: args.required("img_channels")?,
        label_dim: args.number("label_dim", 0)?,
        empty_classes: Vec::new(),
        augment_dim: args.number("augment_dim", 0)?,
        model_channels: args.number("model_channels", usual.model_channels)?,
        channel_mult: args.numbers("channel_mult", &usual.channel_mult)?,
        channel_mult_emb: args.number("channel_mult_emb", 4)?,
        num_blocks: args.number("num_blocks", usual.num_blocks)?,
        attn_resolutions: args.numbers("attn_resolutions", usual.attn_resolutions)?,
        dropout: args.float("dropout", 0.1)?,
        architecture,
    };
    model::check(&config).map_err(|e| Error { kind: Kind::Checkpoint, ..e })?;
    Ok((precond, config))
}

/// EDM's own values of arguments that a file may leave out.
struct Usual {
    model_channels: usize,
    channel_mult: [usize; 4],
    num_blocks: usize,
    attn_resolutions: &'static [usize],
}

const SONG: Usual =
    Usual { model_channels: 128, channel_mult: [1, 2, 2, 2], num_blocks: 4, attn_resolutions: &[16] };
const DHARIWAL: Usual =
    Usual { model_channels: 192, channel_mult: [1, 2, 3, 4], num_blocks: 3, attn_resolutions: &[32, 16, 8] };

fn precond(args: &Args, class: &str) -> Result<Precond> {
    // Constants of the preconditioners that ours holds fixed: another value would be another network.
    let (precond, fixed): (_, &[(&str, f64)]) = match class {
        "EDMPrecond" => (Precond::Edm, &[("sigma_data", SIGMA_DATA)]),
        "VPPrecond" => {
            (Precond::Vp, &[("beta_d", 19.9), ("beta_min", 0.1), ("M", 1000.0), ("epsilon_t", 1e-5)])
        }
        "VEPrecond" => (Precond::Ve, &[("sigma_min", 0.02), ("sigma_max", 100.0)]),
        "iDDPMPrecond" => (Precond::Iddpm, &[("C_1", 0.001), ("C_2", 0.008), ("M", 1000.0)]),
        other => {
            return Err(bad(
                format!("its preconditioning is {}", shown(other)),
                "EDMPrecond, VPPrecond, VEPrecond and iDDPMPrecond are known",
            ));
        }
    };
    for (name, value) in fixed {
        // Infinity, which JSON does not have, is null here, and is not the constant either.
        let given = args.0.get(name);
        if given.is_some_and(|given| given.as_f64().is_none_or(|given| (given - value).abs() > 1e-9)) {
            let given = shown(&given.map(Value::to_string).unwrap_or_default());
            return Err(bad(
                format!("its {name} is {given}"),
                &format!("only networks with {value} can be used"),
            ));
        }
    }
    Ok(precond)
}

fn song_style(args: &Args) -> Result<SongStyle> {
    let usual = SongStyle::ddpmpp();
    Ok(SongStyle {
        embedding: match args.text("embedding_type", "positional")? {
            "positional" => Embedding::Positional,
            "fourier" => Embedding::Fourier,
            other => {
                return Err(bad(
                    format!("embedding_type is {}", shown(other)),
                    "positional and fourier are known",
                ));
            }
        },
        channel_mult_noise: args.number("channel_mult_noise", usual.channel_mult_noise)?,
        encoder: match args.text("encoder_type", "standard")? {
            "standard" => Encoder::Standard,
            "skip" => Encoder::Skip,
            "residual" => Encoder::Residual,
            other => {
                return Err(bad(
                    format!("encoder_type is {}", shown(other)),
                    "standard, skip and residual are known",
                ));
            }
        },
        decoder: match args.text("decoder_type", "standard")? {
            "standard" => Decoder::Standard,
            "skip" => Decoder::Skip,
            other => {
                return Err(bad(format!("decoder_type is {}", shown(other)), "standard and skip are known"));
            }
        },
        resample_filter: args.floats("resample_filter", &usual.resample_filter)?,
    })
}

/// The arguments, read one by one.
struct Args<'a>(&'a Value);

impl<'a> Args<'a> {
    /// None where the argument is missing or null.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|v| !v.is_null())
    }

    fn text(&self, name: &str, usual: &'a str) -> Result<&'a str> {
        match self.get(name) {
            None => Ok(usual),
            Some(value) => value.as_str().ok_or_else(|| wrong(name, value, "a name")),
        }
    }

    fn required(&self, name: &str) -> Result<usize> {
        let missing = || bad(format!("it does not say its {name}"), "give the file that EDM itself wrote");
        whole(name, self.get(name).ok_or_else(missing)?)
    }

    fn number(&self, name: &str, usual: usize) -> Result<usize> {
        self.get(name).map_or(Ok(usual), |value| whole(name, value))
    }

    fn float(&self, name: &str, usual: f64) -> Result<f64> {
        self.get(name).map_or(Ok(usual), |value| real(name, value))
    }

    fn numbers(&self, name: &str, usual: &[usize]) -> Result<Vec<usize>> {
        self.get(name).map_or_else(|| Ok(usual.to_vec()), |value| list(name, value, whole))
    }

    fn floats(&self, name: &str, usual: &[f64]) -> Result<Vec<f64>> {
        self.get(name).map_or_else(|| Ok(usual.to_vec()), |value| list(name, value, real))
    }
}

fn whole(name: &str, value: &Value) -> Result<usize> {
    // Python writes some whole numbers as floats.
    let float = value.as_f64().filter(|v| *v >= 0.0 && v.fract() == 0.0 && *v < 1e9);
    float.map(|v| v as usize).ok_or_else(|| wrong(name, value, "a whole number"))
}

fn real(name: &str, value: &Value) -> Result<f64> {
    value.as_f64().ok_or_else(|| wrong(name, value, "a number"))
}

fn list<T>(name: &str, value: &Value, each: fn(&str, &Value) -> Result<T>) -> Result<Vec<T>> {
    let items = value.as_array().ok_or_else(|| wrong(name, value, "a list"))?;
    items.iter().map(|item| each(name, item)).collect()
}

fn wrong(name: &str, value: &Value, wanted: &str) -> Error {
    let value = shown(&value.to_string());
    bad(format!("its {name} is {value}, expected {wanted}"), "the file is damaged, or not one of EDM's")
}

fn bad(what: String, hint: &str) -> Error {
    Error::new(Kind::Checkpoint, what).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn missing_arguments_have_edms_values() {
        let (precond, config) =
            from_kwargs(&json!({"img_resolution": 64, "img_channels": 3, "label_dim": 1000}), "EDMPrecond")
                .expect("a network");
        assert_eq!((precond, config.architecture), (Precond::Edm, Architecture::Dhariwal));
        assert_eq!((config.model_channels, config.num_blocks), (192, 3));
        let (precond, config) =
            from_kwargs(&json!({"img_resolution": 32, "img_channels": 3}), "VPPrecond").expect("a network");
        assert_eq!((precond, config.architecture), (Precond::Vp, Architecture::default()));
        assert_eq!(config.channel_mult, [1, 2, 2, 2]);
    }

    #[test]
    fn strange_arguments_are_named() {
        let with = |name: &str, value: Value| {
            let mut kwargs = json!({"img_resolution": 32, "img_channels": 3, "model_type": "SongUNet"});
            kwargs[name] = value;
            from_kwargs(&kwargs, "EDMPrecond").map_err(|e| e.to_string())
        };
        for (name, value) in [
            ("sigma_data", json!(1.0)),
            ("model_type", json!("StyleGAN")),
            ("encoder_type", json!("none")),
            ("channel_mult", json!("big")),
            ("num_blocks", json!(-1)),
            ("num_blocks", json!(1e300)),
            ("dropout", json!(2.0)),
            ("resample_filter", json!([])),
            ("img_resolution", json!(null)),
        ] {
            let error = with(name, value.clone()).expect_err("accepted");
            assert!(error.contains(name) || name == "model_type", "{name} = {value}: {error}");
        }
    }

    #[test]
    fn constants_of_the_preconditioning_are_ours() {
        let with = |class: &str, name: &str, value: f64| {
            let mut kwargs = json!({"img_resolution": 32, "img_channels": 3, "model_type": "SongUNet"});
            kwargs[name] = json!(value);
            from_kwargs(&kwargs, class).map(|(precond, _)| precond).map_err(|e| e.to_string())
        };
        for (name, ours) in [("sigma_min", 0.02), ("sigma_max", 100.0)] {
            assert_eq!(with("VEPrecond", name, ours), Ok(Precond::Ve));
            let error = with("VEPrecond", name, ours * 2.0).expect_err("accepted");
            assert!(error.contains(name), "{error}");
        }
        let error = with("VEPrecond", "sigma_max", f64::INFINITY).expect_err("accepted");
        assert!(error.contains("sigma_max"), "{error}");
        // Nothing of ours, and so nothing to check.
        assert_eq!(with("EDMPrecond", "use_fp16", 1.0), Ok(Precond::Edm));
    }
}
