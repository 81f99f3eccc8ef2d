//! A person's login: authorization code with PKCE, the answer coming back over loopback (RFC 8252, RFC 9700).

use std::{io::IsTerminal, process::Stdio};

use hoop_wire::login::PersonLogin;
use tokio::process::Command;

use super::{
    callback::Callback,
    error::LoginError,
    provider::{Provider, Tokens},
};

/// How the person gets to the provider's page. The address is told in every case.
pub trait Opener {
    /// Must not fail the login: the person can open the address by hand.
    fn open(&self, url: &str);
}

/// Words on stderr, and a browser where somebody sits in front of it.
pub struct Desktop {
    pub no_browser: bool,
}

impl Opener for Desktop {
    fn open(&self, url: &str) {
        let say = |words: &str| {
            use std::io::Write;
            let _ = writeln!(anstream::stderr(), "{words}");
        };
        let command = if self.no_browser { None } else { launcher(url) };
        match command {
            None => say(&format!("open this address in your browser to log in:\n\n  {url}\n")),
            Some(mut command) => {
                say(&format!("your browser opens to log you in; if it does not, open this address:\n\n  {url}\n"));
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                match command.spawn() {
                    // Browsers outlive us; this only keeps a quick one from staying behind as a zombie.
                    Ok(mut child) => drop(tokio::spawn(async move { child.wait().await })),
                    Err(error) => say(&format!("the browser did not start ({error}); open the address yourself")),
                }
            }
        }
    }
}

impl Desktop {
    /// Somebody must be there: at a terminal, behind a `BROWSER` that was set on purpose, or reading the address that
    /// was asked for.
    pub(super) fn check(&self) -> Result<(), LoginError> {
        let attended = self.no_browser || browser().is_some() || std::io::stderr().is_terminal();
        if attended { Ok(()) } else { Err(LoginError::NoTerminal) }
    }
}

fn browser() -> Option<String> {
    std::env::var("BROWSER").ok().filter(|browser| !browser.trim().is_empty())
}

/// `BROWSER` where it is set; else the desktop's own.
fn launcher(url: &str) -> Option<Command> {
    match browser() {
        Some(browser) => scripted(&browser, url),
        None => {
            let words: &[&str] = match std::env::consts::OS {
                "macos" => &["open"],
                "windows" => &["rundll32", "url.dll,FileProtocolHandler"],
                _ => &["xdg-open"],
            };
            let (program, arguments) = words.split_first()?;
            let mut command = Command::new(program);
            command.args(arguments).arg(url);
            Some(command)
        }
    }
}

/// `%s` stands for the address; without it, the address comes last.
fn scripted(browser: &str, url: &str) -> Option<Command> {
    let mut words = browser.split_whitespace();
    let mut command = Command::new(words.next()?);
    let mut placed = false;
    for word in words {
        placed |= word.contains("%s");
        command.arg(word.replace("%s", url));
    }
    if !placed {
        command.arg(url);
    }
    Some(command)
}

/// Logs a person in; the ID token that comes back carries `nonce`. Cancel-safe: dropping it closes the port.
pub async fn log_in(login: &PersonLogin, nonce: String, opener: &impl Opener) -> Result<Tokens, LoginError> {
    let provider = Provider::discover(login).await?;
    let callback = Callback::open(&login.redirect_ports).await?;
    let attempt = provider.attempt(&callback.redirect_uri(), nonce)?;
    opener.open(attempt.url.as_str());
    let (returned, open) = callback.wait(attempt.state.secret()).await?;
    let expected = returned.issuer.as_deref();
    if expected.map_or(provider.names_itself, |issuer| issuer != provider.issuer()) {
        return Err(LoginError::MixedUp);
    }
    let code = returned.outcome.map_err(LoginError::Denied)?;
    let tokens = provider.redeem(code, attempt).await;
    open.close().await;
    tokens
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_scripted_browser_gets_the_address_where_it_wants_it() {
        let words = |browser: &str| {
            let command = scripted(browser, "http://x/?a=%s b").unwrap();
            let command = command.as_std();
            let arguments = command.get_args().map(|word| word.to_string_lossy().into_owned());
            (command.get_program().to_string_lossy().into_owned(), arguments.collect::<Vec<_>>())
        };
        assert_eq!(words("firefox"), ("firefox".to_owned(), vec!["http://x/?a=%s b".to_owned()]));
        assert_eq!(words("open --at=%s -n").1, ["--at=http://x/?a=%s b", "-n"]);
    }
}
