use super::*;

#[test]
fn a_mask_chooses_the_constrained_loop() {
    let wish = Wish::default();
    let direct = wish.settings(false, 32).expect("no wish").mode;
    assert_eq!(direct, Mode::Direct(Direct { steps: 1, noise_sigma: 0.0, strength_sigma: 0.0 }));
    let Mode::Constrained { task: Task::Inpaint, sigmas } = wish.settings(true, 32).expect("no wish").mode
    else {
        panic!("a mask is not filled in by direct projection");
    };
    assert_eq!((sigmas.len(), sigmas[0]), (STEPS, first_sigma(32)));
    let forced = Wish { way: Some(Way::Direct), ..Wish::default() };
    assert_eq!(forced.settings(true, 32).expect("a way").mode.way(), Way::Direct);
}

#[test]
fn every_name_is_read_back_and_leads_to_its_way() {
    for way in Way::ALL {
        assert_eq!(way.to_string().parse(), Ok(way));
        let wish = Wish { way: Some(way), steps: Some(3), ..Wish::default() };
        assert_eq!(wish.settings(true, 32).expect("a way").mode.way(), way);
    }
    for spelled in ["colorize", "colourize", "colorise"] {
        assert_eq!(spelled.parse(), Ok(Way::Colourise));
    }
    assert!("Direct".parse::<Way>().expect_err("capitals").remedy.is_some());
}

#[test]
fn wishes_that_do_not_go_together_are_refused_with_a_remedy() {
    let sigmas = Some(vec![1.0, 0.5]);
    for wish in [
        Wish { steps: Some(0), ..Wish::default() },
        Wish { steps: Some(65), way: Some(Way::Inpaint), ..Wish::default() },
        Wish { sigmas: sigmas.clone(), ..Wish::default() },
        Wish { sigmas, steps: Some(2), way: Some(Way::Colourise), ..Wish::default() },
        Wish { patch: Some(4), ..Wish::default() },
        Wish { patch: Some(1), way: Some(Way::SuperResolve), ..Wish::default() },
        Wish { noise_sigma: Some(0.3), way: Some(Way::Inpaint), ..Wish::default() },
        Wish { noise_sigma: Some(f64::NAN), ..Wish::default() },
        Wish { strength_sigma: Some(-1.0), way: Some(Way::Colourise), ..Wish::default() },
        Wish { sigmas: Some(vec![0.5, 1.0]), way: Some(Way::Inpaint), ..Wish::default() },
    ] {
        assert!(wish.settings(false, 32).expect_err("refused").remedy.is_some(), "{wish:?}");
    }
}

#[test]
fn what_no_picture_can_be_edited_by_is_known_beforehand() {
    let (gray, colour) = (Shape::square(1, 8), Shape::square(3, 8));
    let of = |way| Wish { way: Some(way), ..Wish::default() };
    assert!(of(Way::Colourise).check(false, gray).expect_err("no colours").remedy.is_some());
    of(Way::Colourise).check(false, colour).expect("colours");
    let wide = Wish { patch: Some(9), ..of(Way::SuperResolve) };
    assert!(wide.check(false, colour).expect_err("too wide").what.contains("9×9"));
    Wish { fit: Fit::Tiles, ..wide }.check(false, colour).expect("larger pictures have such patches");
    // Levels are for pictures with transparent pixels, noise for those without: either may come.
    let levels = Wish { sigmas: Some(vec![1.0, 0.5]), ..Wish::default() };
    let noise = Wish { noise_sigma: Some(0.3), ..Wish::default() };
    levels.check(false, colour).expect("some picture");
    noise.check(false, colour).expect("some picture");
    assert!(noise.check(true, colour).expect_err("all have masks").what.contains("inpaint"));
    let rising = Wish { sigmas: Some(vec![0.5, 1.0]), ..Wish::default() };
    assert!(rising.check(false, colour).is_err());
}
