//! What is written here, held against encoders that others wrote: `solicit` and `hpack` for HTTP/2, `tungstenite` for WebSocket.

use proptest::prelude::*;
use solicit::http::frame::{
    DataFlag, DataFrame, Frame as _, HeadersFlag, HeadersFrame, HttpSetting, SettingsFrame, pack_header, unpack_header,
};
use tungstenite::Bytes;
use tungstenite::protocol::frame::Frame as Theirs;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::h2::{FRAME_HEADER, Head, Kind, SETTING};
use super::hpack::Encoder;
use super::websocket::{self, Frame, Opcode};

/// An opcode as `tungstenite` names it.
fn theirs(opcode: Opcode) -> OpCode {
    match opcode {
        Opcode::Continuation => OpCode::Data(Data::Continue),
        Opcode::Text => OpCode::Data(Data::Text),
        Opcode::Binary => OpCode::Data(Data::Binary),
        Opcode::Close => OpCode::Control(Control::Close),
        Opcode::Ping => OpCode::Control(Control::Ping),
        Opcode::Pong => OpCode::Control(Control::Pong),
    }
}

fn opcode() -> impl Strategy<Value = Opcode> {
    use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
    proptest::sample::select(vec![Continuation, Text, Binary, Close, Ping, Pong])
}

/// Names with one value each: pairs of the static table, and others.
fn one_value_each() -> impl Strategy<Value = Vec<Vec<(String, String)>>> {
    let known = [(":method", "GET"), (":path", "/"), (":scheme", "https"), (":status", "200"), ("accept-encoding", "gzip, deflate")];
    let own = (0..12).map(|n| (format!("x-own-{n}"), "v".repeat(n * 17)));
    let all: Vec<(String, String)> = known.iter().map(|(name, value)| (name.to_string(), value.to_string())).chain(own).collect();
    proptest::collection::vec(proptest::collection::vec(proptest::sample::select(all), 0..8), 0..12)
}

/// Any names and values, so many that old ones are forgotten.
fn any_headers() -> impl Strategy<Value = Vec<Vec<(String, String)>>> {
    let name = proptest::sample::select(vec![":method", ":path", ":authority", "cookie", "x-a", "x-b", "grpc-timeout", "content-type"]);
    let header = (name, "[a-z/ ]{0,400}").prop_map(|(name, value)| (name.to_string(), value));
    proptest::collection::vec(proptest::collection::vec(header, 0..8), 0..12)
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn as_bytes(headers: &[(String, String)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

/// `hashlib` and `base64` of Python give these.
#[test]
fn keys_are_accepted_as_elsewhere() {
    let pairs = [
        ("pU3KGCUwux1tEyze1iN7Lg==", "zqqxaxL3dO8AGAC+wX/VnY6nBIQ="),
        ("2R4/ch/LGXEXRJTWSTydXA==", "3PaIs1IWng3aP0WV0gq9mgy+JN8="),
        ("NGC+MSAeaf7aoO7ouZl/XA==", "CJBio5VnL7Hz7D8FURuFfF6xCxg="),
        ("fCmZ/a/lkyU81lSvTfrXFA==", "0d9aGEc2CGtSXcryp65Um4sHvS4="),
        ("J6Cus/7pIy+K8iEfnuSRxQ==", "8DV7kM2xEMo9o8z9QEkWrOlTQ6c="),
        ("sQvstVY7/B5vk0J+y8j+KQ==", "ts0+hTy5kpwdAYLx0qNJAqXwf8k="),
    ];
    for (key, accept) in pairs {
        assert_eq!(websocket::accept(key), accept);
    }
}

/// A setting takes six bytes, and a frame of them nine more.
#[test]
fn settings_are_as_long_as_those_of_solicit() {
    let mut frame = SettingsFrame::new();
    for count in 1..=3_u32 {
        frame.add_setting(
            [HttpSetting::HeaderTableSize(count), HttpSetting::EnablePush(0), HttpSetting::MaxFrameSize(1 << 14)][count as usize - 1],
        );
        assert_eq!(frame.serialize().len() as u64, FRAME_HEADER + u64::from(count) * SETTING);
        let head = Head { length: count * SETTING as u32, kind: Kind::Settings, flags: 0, stream: 0 };
        assert_eq!(frame.serialize()[..9], head.encode());
    }
}

proptest! {
    #[test]
    fn heads_of_http_2_are_those_of_solicit(length in 0u32..1 << 24, kind: u8, flags: u8, stream in 0u32..1 << 31) {
        let theirs = pack_header(&(length, kind, flags, stream));
        let head = Head::decode(theirs);
        prop_assert_eq!((head.length, head.flags, head.stream), (length, flags, stream));
        prop_assert_eq!(head.encode(), theirs);
        prop_assert_eq!(unpack_header(&head.encode()), (length, kind, flags, stream));
    }

    #[test]
    fn frames_of_data_and_headers_are_as_long_as_those_of_solicit(stream in 1u32..1 << 31, size in 0usize..20_000, last: bool) {
        let mut data = DataFrame::new(stream);
        data.data = vec![7; size];
        let mut headers = HeadersFrame::new(vec![7; size], stream);
        headers.set_flag(HeadersFlag::EndHeaders);
        if last {
            data.set_flag(DataFlag::EndStream);
            headers.set_flag(HeadersFlag::EndStream);
        }
        let flags = u8::from(last);
        for (bytes, kind, flags) in [(data.serialize(), Kind::Data, flags), (headers.serialize(), Kind::Headers, flags | 4)] {
            prop_assert_eq!(&bytes[..9], &Head { length: size as u32, kind, flags, stream }.encode()[..]);
            prop_assert_eq!(bytes.len() as u64, FRAME_HEADER + size as u64);
        }
    }

    /// Where each name has one value, both remember the same, so every byte is the same.
    #[test]
    fn headers_are_those_of_hpack(blocks in one_value_each()) {
        let (mut ours, mut theirs) = (Encoder::default(), hpack::Encoder::new());
        for block in &blocks {
            prop_assert_eq!(ours.encode(&borrowed(block)), theirs.encode(&as_bytes(block)));
        }
    }

    /// Whatever is written, also where old headers are forgotten, another reader reads it back.
    #[test]
    fn hpack_reads_what_is_written(blocks in any_headers()) {
        let (mut ours, mut theirs) = (Encoder::default(), hpack::Decoder::new());
        for block in &blocks {
            let read = theirs.decode(&ours.encode(&borrowed(block))).expect("it can be read");
            prop_assert_eq!(read, as_bytes(block));
        }
    }

    #[test]
    fn frames_of_websocket_are_those_of_tungstenite(
        fin: bool, code in opcode(), mask in proptest::option::of(any::<[u8; 4]>()),
        payload in prop_oneof![proptest::collection::vec(any::<u8>(), 0..300), Just(vec![9; 65_535]), Just(vec![9; 65_536])],
    ) {
        let header = FrameHeader { is_final: fin, rsv1: false, rsv2: false, rsv3: false, opcode: theirs(code), mask };
        prop_assert_eq!(header.len(payload.len() as u64) as u64, websocket::header(payload.len() as u64, mask.is_some()));
        let ours = Frame { fin, opcode: code, mask, payload: payload.clone() }.encode();
        let mut bytes = Vec::new();
        Theirs::from_payload(header, Bytes::from(payload)).format(&mut bytes).expect("a vector takes everything");
        prop_assert_eq!(ours, bytes);
    }
}
