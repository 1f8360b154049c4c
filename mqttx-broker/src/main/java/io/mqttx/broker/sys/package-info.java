/** What the broker says of itself on {@code $SYS} topics: {@link io.mqttx.broker.sys.SysTopics}. */
package io.mqttx.broker.sys;
