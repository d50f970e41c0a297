//! When it is quiet again: what the buyers were told is so, and the stores agree.

use std::collections::BTreeMap;

use rig::Cluster;
use serde_json::Value;
use tests::{
    api::{Api, list, string},
    patience::within,
    program::{audit_with, judged},
    shop::{self, Shop},
};

use crate::{
    CONVERGED, SHORT_WINDOW,
    crowd::{PLAN, Told},
};

/// Every booking that was answered is there, once, and is what its buyer was told; no seat belongs to two; the map shows just theirs.
pub(crate) async fn promises(api: &Api, shop: &Shop, told: &Told) {
    let bookings = settled(api, shop).await;
    assert_eq!(bookings.len(), told.accepted.len(), "a booking is gone, or nobody was told of one");
    for id in told.accepted.keys() {
        assert!(bookings.contains_key(id), "{id} was answered with 200 and is gone");
    }
    for (id, seats) in &told.decided {
        assert_eq!(&bookings[id]["seats"], seats, "{id} was decided a second time: {}", bookings[id]);
    }
    for id in &told.paid {
        let booking = &bookings[id];
        assert_eq!(string(booking, "/status"), "paid", "a confirmed payment is gone: {booking}");
    }
    for (id, booking) in &bookings {
        let ended = booking["cancelled_at"].as_str().zip(booking["expires_at"].as_str());
        if let Some((ended, due)) = ended
            && !told.cancelled.contains(id)
        {
            assert!(ended >= due, "a booking ended before its time: {booking}");
        }
    }
    seats(api, shop, &bookings).await;
}

/// All bookings, once each of them is decided and paid, failed or cancelled: no hold outlives its time.
async fn settled(api: &Api, shop: &Shop) -> BTreeMap<String, Value> {
    within(SHORT_WINDOW + CONVERGED, "every booking to end", || async {
        let mut all = BTreeMap::new();
        for token in &shop.buyers {
            for booking in shop::bookings(api, token).await {
                let twice = all.insert(string(&booking, "/id"), booking);
                assert!(twice.is_none(), "listed twice: {twice:?}");
            }
        }
        let open = |booking: &&Value| {
            ["processing", "pending_payment"].contains(&string(booking, "/status").as_str())
        };
        let open: Vec<String> = all.values().filter(open).map(|booking| string(booking, "/id")).collect();
        if open.is_empty() {
            Ok(all)
        } else {
            Err(format!("{} are open, such as {:?}", open.len(), open.first()))
        }
    })
    .await
}

async fn seats(api: &Api, shop: &Shop, bookings: &BTreeMap<String, Value>) {
    let mut sold: BTreeMap<String, String> = BTreeMap::new();
    for booking in bookings.values().filter(|booking| string(booking, "/status") == "paid") {
        for seat in list(booking, "/seats") {
            let twice = sold.insert(seat.as_str().unwrap().to_owned(), "sold".to_owned());
            assert!(twice.is_none(), "{seat} belongs to two bookings, one of them {booking}");
        }
    }
    assert!(!sold.is_empty(), "nothing was sold, so nothing was shown");
    within(CONVERGED, "the map to show the seats of the bookings", || async {
        let taken = shop::taken(api, &shop.event, PLAN).await;
        let differ = || format!("{} seats are taken, {} were sold", taken.len(), sold.len());
        if taken == sold { Ok(()) } else { Err(differ()) }
    })
    .await;
}

/// The audit of log, databases and both seat servers' checkpoints.
pub(crate) async fn audits(cluster: &Cluster) -> anyhow::Result<()> {
    cluster.stop_product().await?;
    for server in cluster.seats() {
        judged(&audit_with(server.folder(), cluster.settings()).await).map_err(anyhow::Error::msg)?;
    }
    Ok(())
}
