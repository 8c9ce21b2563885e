//! The text of a file: UTF-8, or UTF-16 as Windows PowerShell writes it.

/// The largest file in UTF-16 whose text has no room in place of it, in octets.
const LARGEST_APART: usize = 16 << 20;

/// How two octets are one number.
type Order = fn([u8; 2]) -> u16;

/// The text of these octets. UTF-16 is turned into UTF-8 where it stands: nearly all of an export takes less room so.
pub(super) fn decoded(bytes: &mut Vec<u8>) -> Result<&str, String> {
    if let Some((marks, order)) = wide(bytes) {
        narrow(bytes, marks, order)?;
    }
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bare).map_err(|_| "it is neither UTF-8 nor UTF-16".to_owned())
}

/// Whether it is UTF-16: how many octets its mark takes, and its order. Without a mark the first two characters tell.
fn wide(bytes: &[u8]) -> Option<(usize, Order)> {
    match bytes {
        [0xff, 0xfe, ..] => Some((2, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some((2, u16::from_be_bytes)),
        [one, 0, two, 0, ..] if *one != 0 && *two != 0 => Some((0, u16::from_le_bytes)),
        [0, one, 0, two, ..] if *one != 0 && *two != 0 => Some((0, u16::from_be_bytes)),
        _ => None,
    }
}

fn narrow(bytes: &mut Vec<u8>, marks: usize, number: Order) -> Result<(), String> {
    let broken = || "it is not whole UTF-16, as its first octets say".to_owned();
    if !bytes.len().is_multiple_of(2) {
        return Err(broken());
    }
    let (mut read, mut written) = (marks, 0);
    // What has no room where it stands, from its first character on.
    let mut apart: Option<String> = None;
    let unit = |bytes: &[u8], at: usize| -> Option<u16> {
        Some(number([*bytes.get(at)?, *bytes.get(at + 1)?]))
    };
    while let Some(first) = unit(bytes, read) {
        let pair = [first, unit(bytes, read + 2).unwrap_or_default()];
        let c = char::decode_utf16(pair).next();
        let c = c.and_then(Result::ok).ok_or_else(broken)?;
        read += 2 * c.len_utf16();
        let mut octets = [0; 4];
        let octets = c.encode_utf8(&mut octets);
        if apart.is_none() && written + octets.len() > read {
            if bytes.len() > LARGEST_APART {
                return Err(format!(
                    "it is larger than {} MB, and its text takes more room than UTF-16: save it as UTF-8",
                    LARGEST_APART >> 20
                ));
            }
            apart = Some(String::new());
        }
        if let Some(apart) = &mut apart {
            apart.push(c);
        } else if let Some(to) = bytes.get_mut(written..written + octets.len()) {
            to.copy_from_slice(octets.as_bytes());
            written += octets.len();
        }
    }
    bytes.truncate(written);
    bytes.extend(apart.unwrap_or_default().into_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_every_encoding() {
        for text in [
            "<a>",
            "{\"Ärger\": \"日本語日本語日本語\"}",
            "日本",
            "<a>\u{1f600}\u{1f600}</a>",
        ] {
            let units = || text.encode_utf16();
            let marked = |mark: [u8; 2], octets: Vec<u8>| [mark.to_vec(), octets].concat();
            let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
            let mut all = vec![
                text.as_bytes().to_vec(),
                [b"\xef\xbb\xbf", text.as_bytes()].concat(),
                marked([0xff, 0xfe], little.clone()),
                marked([0xfe, 0xff], big.clone()),
            ];
            if text.chars().take(2).all(|c| c.is_ascii()) {
                all.extend([little, big]);
            }
            for mut octets in all {
                let shown = octets.clone();
                assert_eq!(decoded(&mut octets).as_deref(), Ok(text), "{shown:x?}");
            }
        }
        for mut wrong in [
            b"\xff\xfea".to_vec(),
            b"\xff\xfe\x00\xd8".to_vec(),
            b"{\xe4}".to_vec(),
        ] {
            assert!(decoded(&mut wrong).is_err());
        }
    }
}
