use hoop_tunnel::{CloseCode, Dial};
use hoop_wire::{
    alpn,
    login::{LoginAnswer, LoginOptions, LoginRequest},
};
use serde::de::DeserializeOwned;

use super::tunnel::{reach, unreachable};
use crate::{context::Context, exit::Failure, login::session::Gateway};

/// The gateway's login door: no certificate yet, a connection of its own for each question. Minutes may pass between
/// two of them, while a person is at the identity provider, and no gateway holds a door open for a stranger so long.
pub struct Door {
    context: Context,
}

impl Door {
    pub fn at(context: &Context) -> Self {
        Self { context: context.clone() }
    }

    async fn ask<T: DeserializeOwned>(&self, request: &LoginRequest) -> Result<T, Failure> {
        let context = &self.context;
        let mut dial = Dial::new(&context.gateway, context.trust()?, alpn::LOGIN);
        dial.server_name = context.server_name.clone();
        let connection = reach(dial).await.map_err(|error| unreachable(&error))?;
        let asked = async {
            let mut stream = connection.open().await.map_err(|closed| closed.to_string())?;
            stream.write_frame(request).await.map_err(|error| error.to_string())?;
            stream.read_frame().await.map_err(|error| error.to_string())
        };
        let answer = asked.await.map_err(|error: String| {
            Failure::unreachable(format!("the gateway {} broke off the login: {error}; try again", context.gateway))
        });
        connection.close(CloseCode::Done, "done");
        answer
    }
}

impl Gateway for Door {
    async fn options(&self) -> Result<LoginOptions, Failure> {
        self.ask(&LoginRequest::Options).await
    }

    async fn login(&self, request: LoginRequest) -> Result<LoginAnswer, Failure> {
        self.ask(&request).await
    }
}
