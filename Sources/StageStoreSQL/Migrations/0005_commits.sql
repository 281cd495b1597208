-- Which transactions were committed lately: asked when a connection is lost in a commit.
CREATE TABLE commits (
    commit_id UUID PRIMARY KEY NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);
CREATE INDEX commits_by_time ON commits (at);
