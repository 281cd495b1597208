import HTTPTypes

/// What is shown when a page can't be: what happened and how to go on.
struct ErrorPage {
    let problem: Problem
    let requestID: String
    let isSignedIn: Bool

    var content: PageContent {
        PageContent(
            template: isSignedIn ? "Error" : "ErrorAlone", title: heading,
            model: [
                "error_status": .text(String(problem.status.code)), "error_code": .text(problem.code), "error_heading": .text(heading),
                "error_message": .text(problem.detail), "error_remedy": .none,
                "error_links": [
                    [
                        "label": .text(isSignedIn ? "Go to the stages" : "Sign in"), "path": .text(isSignedIn ? "/stages" : "/login"),
                        "is_primary": true,
                    ]
                ],
                "request_id": problem.status.code >= 500 ? .text(requestID) : .none,
            ], status: problem.status)
    }

    private var heading: String {
        switch problem.status.code {
        case 403: "You may not do this"
        case 404: "There is nothing here"
        case 409, 412: "Somebody was faster"
        case 429: "Too many attempts"
        case 503: "The database can't be reached"
        case 500...: "Something went wrong"
        default: "This can't be done"
        }
    }
}
