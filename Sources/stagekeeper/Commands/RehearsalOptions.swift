import ArgumentParser
import LanguageModelHTTP
import StageEngine
import StageModel

/// Which flow is tried, and with what.
struct RehearsalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file of the flow, as 'stagekeeper export' writes it.", valueName: "file"))
    var flow: String?

    @Option(help: ArgumentHelp("The id of a business in the database whose flow it is.", valueName: "id"))
    var business: BusinessArgument?

    @Flag(help: "Ask the language model that the settings name, instead of going by words and templates.")
    var model = false

    func validate() throws {
        if flow != nil, business != nil { throw ValidationError("Give --flow or --business, not both.") }
    }

    /// Finds the flow that is named, and the language model if it is wanted, and does something with them.
    /// - Parameter other: the flow when neither a file nor a business is named.
    func withFlow(
        _ options: SettingsOptions, else other: () throws -> Flow, do body: (Flow, (any LanguageModel)?) async throws -> Void
    ) async throws {
        let flow = try await flow(options, else: other)
        guard model else { return try await body(flow, nil) }
        let settings = try await options.settings()
        guard let model = try settings.languageModel(.standardError(settings.logLevel)) else {
            throw ValidationError("The settings name no language model: set STAGEKEEPER_MODEL_URL and STAGEKEEPER_MODEL, or leave out --model.")
        }
        do {
            try await body(flow, model)
        } catch {
            await model.shutdown()
            throw error
        }
        await model.shutdown()
    }

    private func flow(_ options: SettingsOptions, else other: () throws -> Flow) async throws -> Flow {
        if let flow { return try FlowFile(path: flow).flow() }
        guard let business else { return try other() }
        var found: Flow?
        try await options.withDeployment { deployment in found = try await deployment.configuration.flow(of: business.id) }
        guard let found else { throw CommandFailure("There is no business '\(business.id)'.") }
        return found
    }
}

extension FlowFile {
    /// The demo flow, which is compiled in.
    static func demo() throws -> FlowFile { try FlowFile(json: try JSONValue(parsing: PackageResources.order_support_json)) }
}
