import StageEngine
import StageModel

/// Transition rules, as every definition, and by the stages that they lead from and to.
struct RuleAPI: Sendable {
    let configuration: ConfigurationService

    var operations: [Operation] {
        let filters = [
            QueryParameter("stage_id", .identifier, "Only rules that lead from or to this stage."),
            QueryParameter("from_stage_id", .identifier, "Only rules that lead from this stage."),
            QueryParameter("to_stage_id", .identifier, "Only rules that lead to this stage."),
        ]
        var definitions = DefinitionAPI<TransitionRule>(configuration: configuration, filters: filters)
        definitions.accepts = { rule, call in
            let (stage, from, to): (Stage.ID?, Stage.ID?, Stage.ID?) = (
                call.queryID("stage_id"), call.queryID("from_stage_id"), call.queryID("to_stage_id")
            )
            return (stage == nil || rule.fromStageID == stage || rule.toStageID == stage)
                && (from == nil || rule.fromStageID == from) && (to == nil || rule.toStageID == to)
        }
        return definitions.operations
    }
}
