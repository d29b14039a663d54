//! QR codes on a terminal: two rows of modules to a line, by half blocks.

use qrcode::{Color, EcLevel, QrCode};

/// A picture of `text`, at most `columns` wide and `lines` high; nothing where it would not fit.
///
/// With colour it is black on white whatever the terminal's own colours are. Without, light modules are drawn and dark
/// ones left out, which is right on the usual dark ground.
pub(crate) fn picture(text: &str, columns: usize, lines: usize, colour: bool) -> Option<String> {
    // The lowest level of correction makes the smallest code, and a screen has no scratches.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let modules = code.to_colors();
    let width = code.width();
    // Four modules of margin are the standard's; scanners make do with less, and a small code beats none.
    let margin = [4, 2, 1].into_iter().find(|margin| {
        let whole = width + 2 * margin;
        whole <= columns && whole.div_ceil(2) <= lines
    })?;
    let whole = width + 2 * margin;
    let dark = |row: usize, column: usize| {
        let (Some(row), Some(column)) = (row.checked_sub(margin), column.checked_sub(margin)) else { return false };
        row < width && column < width && modules[row * width + column] == Color::Dark
    };
    let (before, after) = if colour { ("\u{1b}[38;5;16;48;5;231m", "\u{1b}[0m") } else { ("", "") };
    let mut picture = String::new();
    for row in (0..whole).step_by(2) {
        picture.push_str(before);
        for column in 0..whole {
            // With colour a drawn half is dark, else it is light.
            let drawn = (dark(row, column) == colour, dark(row + 1, column) == colour);
            picture.push(match drawn {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        picture.push_str(after);
        picture.push('\n');
    }
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://auth.acme.example/orgs/acme-corp/device?user_code=WDJB-MJHT";

    /// Reads the picture back into modules, true for dark, without its margin.
    fn modules(picture: &str, drawn_is_dark: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in picture.lines() {
            let line: String = line.replace("\u{1b}[38;5;16;48;5;231m", "").replace("\u{1b}[0m", "");
            rows.push(line.chars().map(|half| matches!(half, '█' | '▀') == drawn_is_dark).collect::<Vec<_>>());
            rows.push(line.chars().map(|half| matches!(half, '█' | '▄') == drawn_is_dark).collect());
        }
        let dark = |row: &Vec<bool>| row.iter().any(|module| *module);
        let left = rows.iter().filter_map(|row| row.iter().position(|module| *module)).min().unwrap();
        let right = rows.iter().filter_map(|row| row.iter().rposition(|module| *module)).max().unwrap();
        rows.into_iter().filter(dark).map(|row| row[left..=right].to_vec()).collect()
    }

    #[test]
    fn the_picture_is_the_code_in_both_manners() {
        let code = QrCode::with_error_correction_level(URL, EcLevel::L).unwrap();
        let expected: Vec<Vec<bool>> = code
            .to_colors()
            .chunks(code.width())
            .map(|row| row.iter().map(|one| *one == Color::Dark).collect())
            .collect();
        for colour in [true, false] {
            assert_eq!(modules(&picture(URL, 80, 40, colour).unwrap(), colour), expected);
        }
    }

    #[test]
    fn it_fits_into_80_by_24_beside_four_lines_of_text() {
        let picture = picture(URL, 78, 20, false).unwrap();
        assert!(picture.lines().count() <= 20);
        assert!(picture.lines().all(|line| line.chars().count() <= 78));
        assert_eq!(picture.lines().count(), 19);
    }

    #[test]
    fn where_it_does_not_fit_there_is_none() {
        assert_eq!(picture(URL, 80, 17, true), None);
        assert_eq!(picture(URL, 34, 50, true), None);
        assert_eq!(picture(&"x".repeat(5000), 1000, 1000, true), None);
        let small = picture(URL, 35, 18, false).unwrap();
        assert_eq!(small.lines().count(), 18);
    }
}
