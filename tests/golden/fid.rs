//! Statistics of features under both divisors, their Fréchet distance, and a reference file.

use signet::eval::{Divisor, Gaussian, Moments, Statistics, frechet_distance, read_statistics};

use crate::case::Case;
use crate::report::Report;

/// Statistics of the rows of tensor `key`, seen in pieces of uneven length.
fn moments(case: &Case, key: &str) -> Moments {
    let dim = case.shape(key)[1];
    let features = case.floats(key);
    let first = case.shape(key)[0] / 3 * dim;
    let mut moments = Moments::new(dim);
    moments.add(&features[..first]);
    let mut rest = Moments::new(dim);
    rest.add(&features[first..]);
    moments.merge(&rest);
    moments
}

fn compare_statistics(case: &Case, report: &mut Report, keys: [String; 2], gaussian: &Gaussian) {
    for (key, got) in keys.iter().zip([gaussian.mean().to_vec(), gaussian.covariance()]) {
        if case.json["expect"].get(key).is_some() {
            case.compare(report, key, &got);
        }
    }
}

pub fn run(case: &Case) -> Report {
    let mut report = Report::default();
    let pairs: Vec<&str> = case.names().filter_map(|name| name.strip_suffix(".A")).collect();
    for pair in pairs {
        let sides = ["A", "B"].map(|side| (side, moments(case, &format!("{pair}.{side}"))));
        let scalars = &case.json["scalars"][pair];
        let number = |name: &str| scalars[name].as_f64().unwrap_or_else(|| panic!("{pair} has no {name}"));
        for (short, divisor) in [("n1", Divisor::NMinusOne), ("n", Divisor::N)] {
            let of = |(side, moments): &(&str, Moments)| {
                let gaussian = moments.gaussian(divisor).expect("a Gaussian");
                (format!("{pair}.mu_{side}"), format!("{pair}.cov_{short}_{side}"), gaussian)
            };
            let [a, b] = [of(&sides[0]), of(&sides[1])];
            // By the cases' notes the eigenvalue form is the one to be trusted.
            let (want, allowed) = (number(&format!("fid_eig_{short}")), number("tol_abs"));
            let got = frechet_distance(&a.2, &b.2).expect("a distance").value;
            report.within(&format!("{pair}: the distance over {short}"), got, want, allowed);
            for (mu, covariance, gaussian) in [a, b] {
                compare_statistics(case, &mut report, [mu, covariance], &gaussian);
            }
        }
    }
    for file in case.json["extra_files"].as_array().into_iter().flatten() {
        let file = file.as_str().expect("a name");
        match read_statistics(&case.folder.join(file)) {
            Ok(Statistics { gaussian, .. }) => {
                report.exactly("npz.mu", gaussian.mean(), case.numbers("npz.mu"));
                report.exactly("npz.sigma", &gaussian.covariance(), case.numbers("npz.sigma"));
            }
            Err(error) => report.check(false, || error.to_string()),
        }
    }
    report
}
