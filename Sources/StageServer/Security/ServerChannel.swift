public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1
public import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection to a client, from its bytes to the requests that are handed on.
public struct ServerChannel: HTTPChannelHandler {
    public typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    public let responder: Responder
    private let limits: ConnectionLimits
    private let gate: AdmissionGate

    /// What makes the connections of an application.
    public static func builder(_ limits: ConnectionLimits, metrics: PrometheusMetrics, logger: Logger) -> HTTPServerBuilder {
        let gate = AdmissionGate(limits, metrics: metrics, logger: logger)
        for kind in [AdmissionGate.Kind.request, .turn] {
            metrics.gauge("stagekeeper_requests_under_way", dimensions: [("kind", kind.rawValue)]) { Double(gate.count(kind)) }
        }
        return HTTPServerBuilder { ServerChannel(responder: $0, limits: limits, gate: gate) }
    }

    init(responder: @escaping Responder, limits: ConnectionLimits, gate: AdmissionGate) {
        self.responder = responder
        self.limits = limits
        self.gate = gate
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = limits.headerBytes.field
            decoder.maxHeaderListSize = limits.headerBytes.all
            decoder.maxHeaderFieldCount = limits.headerFields
            try pipeline.configureHTTPServerPipeline(
                // Requests that come before the last is answered wait in the channel; what goes wrong is told by the handler below.
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: decoder)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(ConnectionHandler(limits, gate: gate, at: channel.eventLoop.now))
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    public func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
