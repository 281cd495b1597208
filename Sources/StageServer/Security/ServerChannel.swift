public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1
public import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL

/// A connection to a client, from its bytes to the requests that are handed on.
public struct ServerChannel: HTTPChannelHandler {
    public typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    public let responder: Responder
    private let limits: ConnectionLimits
    private let gate: AdmissionGate
    private let certificate: ServedCertificate?

    /// What makes the connections of an application.
    /// - Parameter certificate: what clients are shown, who are served by TLS then; nil: they are served without.
    public static func builder(
        _ limits: ConnectionLimits, certificate: ServedCertificate? = nil, metrics: PrometheusMetrics, logger: Logger
    ) -> HTTPServerBuilder {
        let gate = AdmissionGate(limits, metrics: metrics, logger: logger)
        for kind in [AdmissionGate.Kind.request, .turn] {
            metrics.gauge("stagekeeper_requests_under_way", dimensions: [("kind", kind.rawValue)]) { Double(gate.count(kind)) }
        }
        return HTTPServerBuilder { ServerChannel(responder: $0, limits: limits, gate: gate, certificate: certificate) }
    }

    /// Has a listening channel accept many connections each time it is its turn. With the few that it accepts otherwise, thousands that come at once wait for
    /// seconds in an overload, and with them whoever comes when that is over.
    /// - Parameter connections: how many may be open at once; there may be more by one in 64, which are accepted together.
    public static func acceptMany(on listener: any Channel, of connections: Int) {
        // Fails only when the channel is closed already.
        _ = listener.setOption(.maxMessagesPerRead, value: UInt(min(max(4, connections / 64), 256)))
    }

    private init(responder: @escaping Responder, limits: ConnectionLimits, gate: AdmissionGate, certificate: ServedCertificate?) {
        self.responder = responder
        self.limits = limits
        self.gate = gate
        self.certificate = certificate
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context)) }
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = limits.headerBytes.field
            decoder.maxHeaderListSize = limits.headerBytes.all
            decoder.maxHeaderFieldCount = limits.headerFields
            try pipeline.configureHTTPServerPipeline(
                // Requests that come before the last is answered wait in the channel; what goes wrong is told by the handler below.
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: decoder)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: certificate != nil))
            try pipeline.addHandler(ConnectionHandler(limits, gate: gate, at: channel.eventLoop.now))
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    public func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
