//! What the gateway tells the person while a session lives: held statements first of all.

use std::io::Write;

use hoop_tunnel::Stream;
use hoop_wire::open::SessionNotice;

use crate::{
    exit::{Exit, Failure},
    output::{Printer, human},
};

/// Prints notices to stderr until the session ends; why, where the gateway says so.
pub(super) async fn follow(mut stream: Stream, printer: Printer) -> Option<Failure> {
    loop {
        match stream.read_frame::<SessionNotice>().await {
            Ok(SessionNotice::Ended { text }) => {
                let text = format!("the session was ended: {}", human::plain(&text));
                return Some(Failure::new(Exit::Refused, "session_ended", text));
            }
            Ok(notice) => tell(printer, &notice),
            Err(_) => return None,
        }
    }
}

fn tell(printer: Printer, notice: &SessionNotice) {
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    let green = anstyle::AnsiColor::Green.on_default().bold();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let words = match notice {
        SessionNotice::Held { request, command, approvers, expires_at } => format!(
            "{yellow}held{yellow:#}  {request}  waits for {} until {}\n      {}\n      they run: hoopctl approve {request}",
            approvers.join(", "),
            expires_at.strftime("%H:%M:%S UTC"),
            human::short(command, 160)
        ),
        SessionNotice::Resumed { request, approver } => {
            format!("{green}runs{green:#}  {request}  approved by {}", human::plain(approver))
        }
        SessionNotice::Refused { request, text } => {
            format!("{red}ended{red:#} {request}  {}", human::plain(text))
        }
        SessionNotice::Ended { text } => human::plain(text),
    };
    if !printer.is_json() {
        printer.say(&words);
    }
    let _ = std::io::stderr().flush();
}
