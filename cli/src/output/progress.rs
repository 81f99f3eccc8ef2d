//! A sign of life for what takes longer than a second: on a terminal's stderr, nowhere else.

use std::{pin::pin, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget};

/// What is done sooner needs no words.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// The outcome of `work`; while it takes long, `words` stand beside a spinner.
pub async fn waiting<T>(words: &str, work: impl Future<Output = T>) -> T {
    // Draws nothing where stderr is no terminal.
    shown(ProgressDrawTarget::stderr, PATIENCE, words, work).await
}

async fn shown<T>(
    target: impl FnOnce() -> ProgressDrawTarget,
    patience: Duration,
    words: &str,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        done = &mut work => return done,
        () = tokio::time::sleep(patience) => {}
    }
    let bar = ProgressBar::with_draw_target(None, target()).with_message(words.to_owned());
    bar.set_style(indicatif::ProgressStyle::default_spinner());
    bar.enable_steady_tick(TICK);
    let done = work.await;
    bar.finish_and_clear();
    done
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use indicatif::TermLike;
    use tokio::sync::watch;

    use super::*;

    /// A terminal that keeps what stands on it.
    #[derive(Debug, Clone)]
    struct Screen(Arc<watch::Sender<String>>);

    impl Screen {
        fn blank() -> Self {
            Self(Arc::new(watch::Sender::new(String::new())))
        }

        async fn shows(&self, words: &str) -> bool {
            self.0.subscribe().wait_for(|text| text.contains(words)).await.is_ok()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.send_modify(|line| line.push_str(text));
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.send_replace(String::new());
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn long_work_is_told_of_and_leaves_nothing_behind() {
        let screen = Screen::blank();
        let target = screen.clone();
        let target = || ProgressDrawTarget::term_like(Box::new(target));
        assert!(shown(target, Duration::ZERO, "reaching it", screen.shows("reaching it")).await);
        assert!(!screen.0.borrow().contains("reaching it"), "{:?}", screen.0.borrow());
    }

    #[tokio::test]
    async fn quick_work_is_done_without_words() {
        let target = || -> ProgressDrawTarget { unreachable!("nothing is drawn") };
        assert_eq!(shown(target, Duration::ZERO, "x", std::future::ready(7)).await, 7);
    }
}
