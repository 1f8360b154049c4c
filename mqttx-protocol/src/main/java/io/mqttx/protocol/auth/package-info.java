/**
 * Authentication mechanisms for enhanced authentication (§4.12), as conversations without I/O: SCRAM-SHA-256
 * (RFC 5802, RFC 7677), both halves.
 *
 * <p>A half is told what the other said and gives the answer. What has to be unlike anything before, nonces and salts,
 * comes in as a parameter. Nothing here knows packets: a message is the authentication data of a CONNECT, AUTH or
 * CONNACK.
 */
package io.mqttx.protocol.auth;
