/** What clients leave behind (§3.1.2.5): {@link io.mqttx.broker.will.Wills}. */
package io.mqttx.broker.will;
