//! A spec that stays, with what exists beside it.

use crate::compile::amend::{Aim, amend};
use crate::compile::{Checked, Imported, Input, against, checked_with, folder_of, plan};
use crate::draft::{Ledger, Part};
use crate::finding::Finding;
use crate::source::Files;
use crate::values::Date;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Adds to a spec what exists beside it; its own lines and comments stay. Where the spec has mistakes, only these come back.
pub(crate) fn merge(
    input: &Input<'_>,
    parts: &[Part],
    today: Date,
) -> Result<(Checked, Option<Imported>), String> {
    let recorded = Recorded {
        base: input.files,
        read: Mutex::default(),
    };
    let recorded_input = Input {
        files: &recorded,
        ..*input
    };
    let checked = plan(&recorded_input, Some(today));
    let has_errors = checked.findings.iter().any(Finding::is_open_error);
    let Some(before) = checked.plan.as_ref().filter(|_| !has_errors) else {
        return Ok((checked, None));
    };
    let known = against(before, parts);
    let Some(mut amended) = amend(input, parts, Aim::Merge, today)? else {
        return Ok((checked, None));
    };
    let after = checked_with(input, &amended.texts, today);
    let Some(merged) = after.plan.as_ref() else {
        return Ok((after, None));
    };
    let compared = against(merged, parts);
    amended.draft.stands_in(&known, &compared);
    let ledger = Ledger::of(parts, &amended.draft, &compared);
    let mut files: BTreeMap<String, Vec<u8>> = recorded
        .read
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    files.insert(input.name.to_owned(), input.bytes.to_vec());
    let texts = amended.texts.into_iter();
    files.extend(texts.map(|(name, text)| (name, text.into_bytes())));
    // The main document has one name in every folder that is imported to.
    if let Some(main) = files.remove(input.name) {
        files.insert("mailtopo.yaml".to_owned(), main);
    }
    let imported = folder_of(files, parts, &amended.draft, &ledger, merged)?;
    Ok((checked, Some(imported)))
}

/// Files that are read, with what was read.
struct Recorded<'a> {
    base: &'a dyn Files,
    read: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Files for Recorded<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.base.read(path)?;
        self.read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }
}
