//! Letters as files.

use delivery::{Envelope, Mailbox, MessageId, Transport};
use model::time::Timestamp;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn envelope(id: &str, text: &str) -> Envelope {
    Envelope {
        message_id: MessageId::new(id.parse().unwrap(), "localhost"),
        date: Timestamp::from_millis(1_793_631_600_007),
        from: Mailbox::parse("Doorward <no-reply@localhost>").unwrap(),
        to: Mailbox::address("ada@acme.example").unwrap(),
        subject: "Hello".to_owned(),
        text: text.to_owned(),
        html: "<p>Hello</p>".to_owned(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_letter_is_one_file_named_by_time_and_id() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mail 100%");
    let transport = Transport::from_url(&format!("file://{}", folder.display())).unwrap();
    assert!(!folder.exists(), "made when it is needed");
    let (first, second) = ("019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002");
    testkit::run(async {
        transport.send(&envelope(first, "once")).await.unwrap();
        transport.send(&envelope(second, "other")).await.unwrap();
        transport.send(&envelope(first, "again")).await.unwrap();
        transport.rest().await;
    });
    let expected = [first, second].map(|id| format!("20261102T150000.007Z-{id}.eml"));
    assert_eq!(names(&folder), expected, "nothing unfinished, and one file for what was sent twice");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join(&expected[0])), 0o600);
    let letter = fs::read_to_string(folder.join(&expected[0])).unwrap();
    assert!(letter.contains("\r\nTo: ada@acme.example\r\n") && letter.contains("again"), "{letter}");
}

#[test]
fn a_folder_that_can_not_be_made_is_tried_again() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let transport = Transport::from_url(&format!("file://{}/mail", file.display())).unwrap();
    let problem = testkit::run(transport.send(&envelope("019a0000-0000-7000-8000-000000000001", ""))).unwrap_err();
    assert_eq!((problem.permanent, problem.server_wide), (false, true));
    assert!(problem.what.contains("can't be written"), "{problem:?}");
}
