/** Tests of the house as a whole. */
package io.mqttx.checks;
