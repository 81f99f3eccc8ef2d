use hoop_tunnel::{Connection, Dial};
use hoop_wire::{
    alpn,
    login::{LoginAnswer, LoginOptions, LoginRequest},
};
use serde::de::DeserializeOwned;

use super::tunnel::unreachable;
use crate::{context::Context, exit::Failure, login::session::Gateway};

/// The gateway's login door: no certificate yet, one stream per question.
pub struct Door {
    connection: Connection,
    gateway: String,
}

impl Door {
    pub async fn open(context: &Context) -> Result<Self, Failure> {
        let mut dial = Dial::new(&context.gateway, context.trust()?, alpn::LOGIN);
        dial.server_name = context.server_name.clone();
        let connection = hoop_tunnel::dial(dial).await.map_err(|error| unreachable(&error))?;
        Ok(Self { connection, gateway: context.gateway.clone() })
    }

    async fn ask<T: DeserializeOwned>(&self, request: &LoginRequest) -> Result<T, Failure> {
        let asked = async {
            let mut stream = self.connection.open().await.map_err(|closed| closed.to_string())?;
            stream.write_frame(request).await.map_err(|error| error.to_string())?;
            stream.read_frame().await.map_err(|error| error.to_string())
        };
        asked.await.map_err(|error: String| {
            Failure::unreachable(format!("the gateway {} broke off the login: {error}; try again", self.gateway))
        })
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

impl Drop for Door {
    fn drop(&mut self) {
        self.connection.close(hoop_tunnel::CloseCode::Done, "done");
    }
}
