use super::*;

fn accents(stylesheet: &str) -> (Colour, Colour) {
    let mut found = stylesheet.split("--accent:").skip(1).map(|rest| Colour::parse(&rest[..7]).unwrap());
    (found.next().unwrap(), found.next().unwrap())
}

#[test]
fn contrast_is_that_of_wcag() {
    let (black, white) = (Colour([0; 3]), Colour([255; 3]));
    assert!((white.contrast(black) - 21.0).abs() < 1e-9);
    assert!((black.contrast(black) - 1.0).abs() < 1e-9);
    // Known pairs: #767676 is the lightest grey that passes on white, #777777 fails.
    assert!(Colour::parse("#767676").unwrap().contrast(white) >= 4.5);
    assert!(Colour::parse("#777777").unwrap().contrast(white) < 4.5);
}

#[test]
fn every_colour_becomes_legible_in_both_schemes() {
    let steps = [0u8, 51, 102, 153, 204, 255];
    for red in steps {
        for green in steps {
            for blue in steps {
                let colour = Colour([red, green, blue]);
                let (light, dark) = accents(&stylesheet(&colour.to_string()));
                assert!(light.contrast(LIGHT_GROUND) >= 4.5, "{colour} became {light}");
                assert!(dark.contrast(DARK_GROUND) >= 4.5, "{colour} became {dark}");
                // The button's text: white on the light accent, the dark ground on the dark one.
                assert!(light.contrast(Colour([255; 3])) >= 4.5, "{colour} became {light}");
            }
        }
    }
}

#[test]
fn a_legible_colour_stays_as_it_is() {
    let (light, _) = accents(&stylesheet("#0a4f8a"));
    assert_eq!(light.to_string(), "#0a4f8a");
    let (_, dark) = accents(&stylesheet("#9cf"));
    assert_eq!(dark.to_string(), "#99ccff");
}

#[test]
fn anything_but_a_colour_gives_nothing() {
    for text in ["", "red", "#12", "#12345g", "#12é4", "#fff}body{display:none", "url(x)"] {
        assert_eq!(stylesheet(text), "", "{text}");
    }
}

/// The colours of the stylesheet itself, read from it.
mod sheet {
    use super::*;
    use std::collections::HashMap;

    fn properties(scheme: &str) -> HashMap<&str, Colour> {
        let block = scheme.split_once(":root").unwrap().1;
        let block = &block[..block.find('}').unwrap()];
        block
            .split(['{', ';'])
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
            .filter_map(|(name, value)| Some((name, oklch(value.trim().strip_prefix("oklch(")?.strip_suffix(')')?))))
            .collect()
    }

    /// OKLCH to sRGB, by Björn Ottosson's matrices.
    fn oklch(values: &str) -> Colour {
        let mut values = values.split_whitespace().map(|value| {
            let percent = value.ends_with('%');
            value.trim_end_matches('%').parse::<f64>().unwrap() / if percent { 100.0 } else { 1.0 }
        });
        let (lightness, chroma, hue) =
            (values.next().unwrap(), values.next().unwrap(), values.next().unwrap().to_radians());
        let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
        let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        let linear = [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
        ];
        Colour(linear.map(|value| {
            let encoded =
                if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.max(0.0).powf(1.0 / 2.4) - 0.055 };
            let whole = (encoded.clamp(0.0, 1.0) * 255.0).round();
            (0..=u8::MAX).find(|byte| f64::from(*byte) >= whole).unwrap()
        }))
    }

    #[test]
    fn text_is_legible_on_every_ground_and_ours_agree_with_the_sheet() {
        let asset = crate::assets::find("app.css").unwrap();
        let css = std::str::from_utf8(&asset.bytes).unwrap();
        let (light, dark) = css
            .split_once("prefers-color-scheme:dark")
            .or_else(|| css.split_once("prefers-color-scheme: dark"))
            .unwrap();
        let (light, dark) = (properties(light), properties(dark));
        assert_eq!(light["ground"], LIGHT_GROUND);
        assert_eq!(dark["surface"], DARK_GROUND);
        for (scheme, name) in [(&light, "light"), (&dark, "dark")] {
            for text in ["text", "muted", "accent", "danger"] {
                for ground in ["ground", "surface"] {
                    let contrast = scheme[text].contrast(scheme[ground]);
                    assert!(contrast >= 4.5, "{name}: {text} on {ground} has {contrast:.2}");
                }
            }
            for (text, ground) in [
                ("on-accent", "accent"),
                ("text", "notice"),
                ("text", "warning"),
                ("text", "failure"),
                ("text", "raised"),
                ("muted", "raised"),
                ("danger", "failure"),
            ] {
                let contrast = scheme[text].contrast(scheme[ground]);
                assert!(contrast >= 4.5, "{name}: {text} on {ground} has {contrast:.2}");
            }
            // Edges of fields and of the two decision buttons (WCAG 2.2, 1.4.11).
            let edge = scheme["edge"].contrast(scheme["surface"]);
            assert!(edge >= 3.0, "{name}: edge has {edge:.2}");
        }
    }
}
