//! `rollback.ps1`: to exactly the state before, whatever happened in between.

use super::{apply, saved_to, unchanged, went_well};
use crate::examples::{Location, locations};
use crate::simulator::{Organization, Run, run};

fn rollback(location: &Location, organization: &mut Organization, file: &str) -> Run {
    run(
        &location.scripts["rollback.ps1"],
        &[("Saved", file.into())],
        organization,
    )
}

/// The way back from an empty organization, and from one that held other things.
#[test]
fn the_way_back_leads_back() {
    for location in locations() {
        for foreign in [false, true] {
            let mut organization = location.empty();
            if foreign {
                location.add_foreign(&mut organization);
                location.adopt(&mut organization);
            }
            organization.published = location.domains.iter().cloned().collect();
            let before = organization.state();
            went_well(
                location,
                &apply(location, &mut organization, &saved_to("first")),
            );
            let changed = !organization.journal.is_empty();
            if !changed {
                continue;
            }
            let back = rollback(location, &mut organization, "first");
            went_well(location, &back);
            unchanged(location, &before, &organization);
            let journal = organization.journal.len();
            went_well(location, &rollback(location, &mut organization, "first"));
            assert_eq!(
                organization.journal.len(),
                journal,
                "{}: going back twice changes nothing more",
                location.name
            );
        }
    }
}

/// From a changed state, with everything of ours there before.
#[test]
fn the_way_back_undoes_a_correction() {
    let mut possible = 0;
    for location in locations() {
        let mut right = location.empty();
        right.published = location.domains.iter().cloned().collect();
        apply(location, &mut right, &saved_to("first"));
        apply(location, &mut right, &saved_to("second"));
        for round in 0..location.most_properties(&right) {
            let mut organization = right.clone();
            let changed = location.drift(&mut organization, round);
            // Exchange itself would not let everything be so.
            if changed.is_empty() || !organization.is_possible() {
                continue;
            }
            possible += 1;
            let before = organization.state();
            went_well(
                location,
                &apply(location, &mut organization, &saved_to("drift")),
            );
            went_well(location, &rollback(location, &mut organization, "drift"));
            unchanged(location, &before, &organization);
        }
    }
    assert!(possible > 100, "only {possible} corrections");
}

/// A run that fails half-way says what was done, and the way back takes it back.
#[test]
fn a_run_that_fails_half_way_can_be_taken_back() {
    for location in locations() {
        let mut organization = location.empty();
        organization.published = location.domains.iter().cloned().collect();
        let before = organization.state();
        let mut whole = organization.clone();
        apply(location, &mut whole, &saved_to("first"));
        let last = whole
            .journal
            .last()
            .and_then(|line| line.split(' ').next())
            .map(str::to_owned);
        let Some(last) = last else { continue };
        let times = whole
            .journal
            .iter()
            .filter(|line| line.starts_with(&last))
            .count();
        organization.failing = Some((last, times - 1));
        let stopped = apply(location, &mut organization, &saved_to("first"));
        // Signatures may wait; everything else stops the run.
        if stopped.code == 0 {
            assert!(
                stopped
                    .warned
                    .iter()
                    .any(|line| line.contains("does not sign yet")),
                "{}: {}",
                location.name,
                stopped.all()
            );
        } else {
            assert!(
                stopped
                    .said
                    .iter()
                    .any(|line| line.starts_with("Stopped: ")),
                "{}: {}",
                location.name,
                stopped.all()
            );
        }
        organization.failing = None;
        if organization.files.contains_key("first") {
            went_well(location, &rollback(location, &mut organization, "first"));
        }
        unchanged(location, &before, &organization);
    }
}
