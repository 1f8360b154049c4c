package io.mqttx.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * Between WebSocket frames and the bytes in them (§6): packets may span frames and share them [MQTT-6.0.0-2], frames
 * are binary [MQTT-6.0.0-1], the subprotocol is {@code mqtt} [MQTT-6.0.0-3].
 */
@SuppressWarnings("FutureReturnValueIgnored") // a channel tells of every failure by closing
final class WebSocketFrames extends ChannelDuplexHandler {
    /** Those of 5.0 and 3.1.1, and what clients of 3.1 ask for. */
    private static final String SUBPROTOCOLS = "mqtt,mqttv3.1";

    private static final int MAX_REQUEST = 8 << 10; // bytes of the HTTP request
    private static final long HANDSHAKE_MILLIS = 10_000;

    private boolean text; // the message that is being continued began as text

    private WebSocketFrames() {}

    /** Adds all that MQTT over WebSocket needs in front of what reads bytes. */
    static void addTo(ChannelPipeline pipeline, String path, int maxFrame) {
        WebSocketServerProtocolConfig config = WebSocketServerProtocolConfig.newBuilder()
                .websocketPath(path)
                .subprotocols(SUBPROTOCOLS)
                .maxFramePayloadLength(maxFrame)
                .handshakeTimeoutMillis(HANDSHAKE_MILLIS)
                .build();
        pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(MAX_REQUEST));
        pipeline.addLast(new WebSocketServerProtocolHandler(config), new WebSocketFrames());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof WebSocketFrame frame)) {
            refuse(context, message);
            return;
        }
        if (frame instanceof TextWebSocketFrame || frame instanceof ContinuationWebSocketFrame && text) {
            text = !frame.isFinalFragment();
            frame.release();
            context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.INVALID_MESSAGE_TYPE))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        context.fireChannelRead(frame.content());
    }

    /** What is left of HTTP: a request for another path. */
    private static void refuse(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
        if (message instanceof HttpRequest) {
            FullHttpResponse answer = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND, Unpooled.EMPTY_BUFFER);
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0).set(HttpHeaderNames.CONNECTION, "close");
            context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message, promise);
    }
}
