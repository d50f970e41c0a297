//! Time zones of venues: the names that CLDR knows, which are those that every browser can show.
//!
//! Promises: each zone has one name here; its other names lead to it. Never: asks the machine,
//! whose files name more.

use icu_time::zone::{TimeZone, iana::IanaParserExtended};

/// The IANA name of a zone that this name stands for; none when there is no such zone.
pub fn canonical(name: &str) -> Option<&'static str> {
    let found = IanaParserExtended::new().parse(name);
    short(found.time_zone, found.canonical)
}

/// The name of every zone, in order.
pub fn all() -> Vec<&'static str> {
    let parser = IanaParserExtended::new();
    let mut names: Vec<_> = parser.iter().filter_map(|zone| short(zone.time_zone, zone.canonical)).collect();
    names.sort_unstable();
    names
}

/// People know `Etc/UTC` as `UTC`.
fn short(zone: TimeZone, canonical: &'static str) -> Option<&'static str> {
    match zone.as_str() {
        "unk" => None,
        "utc" => Some("UTC"),
        _ => Some(canonical),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_one_name_and_others_lead_to_it() {
        for (name, zone) in [
            ("Asia/Taipei", "Asia/Taipei"),
            ("ROC", "Asia/Taipei"),
            ("asia/calcutta", "Asia/Kolkata"),
            ("US/Pacific", "America/Los_Angeles"),
            ("Etc/GMT+5", "Etc/GMT+5"),
            ("UTC", "UTC"),
            ("Etc/UTC", "UTC"),
            ("Etc/UCT", "UTC"),
            ("Zulu", "UTC"),
        ] {
            assert_eq!(canonical(name), Some(zone), "{name}");
        }
    }

    #[test]
    fn what_only_a_machine_knows_is_no_zone() {
        for name in [
            "Etc/Unknown",
            "localtime",
            "posixrules",
            "Factory",
            "posix/Asia/Taipei",
            "right/UTC",
            "Moon/Base",
            "",
            "+08:00",
            "tzdata.zi",
        ] {
            assert_eq!(canonical(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_in_the_list_is_its_zones_own() {
        let names = all();
        assert!(names.len() > 400 && names.is_sorted_by(|a, b| a < b));
        assert!(names.iter().all(|name| canonical(name) == Some(name)));
    }
}
