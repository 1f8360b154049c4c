/** Ways for clients to prove who they are, ready-made: {@link io.mqttx.broker.auth.Scram}. */
package io.mqttx.broker.auth;
