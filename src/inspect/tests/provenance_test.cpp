#include "inspect/provenance.hpp"

#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

json::object request() {
    return json::parse(R"({
        "name": "web",
        "parent": {"id": "ami-0123456789abcdef0"},
        "bootstrap": {
            "source": "https://user:hunter2@example.org:8443/web.tar?token=hunter3#sha256=ab",
            "commands": [{"run": "./install.sh", "always": false}],
            "environment": {"VERSION": "42", "TOKEN": "hunter4"}
        },
        "reply_to": "redis://:hunter5@example.org/replies",
        "logs": {"destination": "s3://hunter6/"}
    })")
        .as_object();
}

ProvenanceFacts facts() {
    ProvenanceFacts facts;
    facts.subject = {"ami-00000000000000001", "", {{"sha256", "aa"}}, {}};
    facts.builder = "urn:kiln:builder:test";
    facts.kiln_version = "0.1.0";
    facts.request = request();
    facts.dependencies = {{"", "kiln:image/ami-0123456789abcdef0", {{"sha256", "bb"}}, {}}};
    facts.bake = "bake-00000000000000001";
    facts.bake_key = "cc";
    facts.started = parse_time("2026-01-01T00:00:00Z");
    facts.finished = parse_time("2026-01-01T00:00:02.5Z");
    return facts;
}

TEST(WithoutSecretsTest, NoSecretOfTheRequestIsLeft) {
    const auto text = json::serialize(without_secrets(request()));
    EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
    EXPECT_EQ(text.find("\"42\""), std::string::npos) << text;
}

TEST(WithoutSecretsTest, WhatDecidesTheImageStays) {
    const auto open = without_secrets(request());
    const auto& bootstrap = open.at("bootstrap").as_object();
    EXPECT_EQ(bootstrap.at("source").as_string(), "https://example.org:8443/web.tar");
    EXPECT_EQ(bootstrap.at("environment"), (json::array{"VERSION", "TOKEN"}));
    EXPECT_EQ(bootstrap.at("commands").as_array().size(), 1U);
    EXPECT_EQ(open.at("parent").at("id").as_string(), "ami-0123456789abcdef0");
}

TEST(WithoutSecretsTest, UrlWithoutAPathKeepsItsHost) {
    const json::object sent{{"bootstrap", json::object{{"source", "https://u@h?k=v@w"}}}};
    EXPECT_EQ(without_secrets(sent).at("bootstrap").at("source").as_string(), "https://h");
}

TEST(ProvenanceTest, IsAnInTotoStatementWithASlsaPredicate) {
    const auto statement = provenance_statement(facts());
    EXPECT_EQ(statement.at("_type").as_string(), "https://in-toto.io/Statement/v1");
    EXPECT_EQ(statement.at("predicateType").as_string(), "https://slsa.dev/provenance/v1");
    const auto& subject = statement.at("subject").as_array().at(0).as_object();
    EXPECT_EQ(subject.at("name").as_string(), "ami-00000000000000001");
    EXPECT_EQ(subject.at("digest").at("sha256").as_string(), "aa");
    const auto& predicate = statement.at("predicate").as_object();
    const auto& definition = predicate.at("buildDefinition").as_object();
    EXPECT_TRUE(definition.contains("buildType"));
    EXPECT_TRUE(definition.at("externalParameters").is_object());
    EXPECT_EQ(
        definition.at("resolvedDependencies")
            .as_array()
            .at(0)
            .at("digest")
            .at("sha256")
            .as_string(),
        "bb"
    );
    const auto& details = predicate.at("runDetails").as_object();
    EXPECT_EQ(details.at("builder").at("id").as_string(), "urn:kiln:builder:test");
    EXPECT_EQ(details.at("metadata").at("invocationId").as_string(), "bake-00000000000000001");
    EXPECT_EQ(details.at("metadata").at("finishedOn").as_string(), "2026-01-01T00:00:02.500Z");
}

TEST(ProvenanceTest, RequestIsPublishedWithoutItsSecrets) {
    const auto text = json::serialize(provenance_statement(facts()));
    EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
}

}  // namespace
}  // namespace kiln::inspect
