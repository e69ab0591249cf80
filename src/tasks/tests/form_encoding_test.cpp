#include "tasks/form_encoding.hpp"

#include <gtest/gtest.h>

namespace kiln::tasks {
namespace {

struct Case {
    const char* name;
    const char* members;
    ArrayFormat arrays;
    const char* expected;
};

class FormEncoding : public ::testing::TestWithParam<Case> {};

TEST_P(FormEncoding, WritesTheMembers) {
    const auto members = json::parse(GetParam().members).as_object();
    EXPECT_EQ(form_encoded(members, GetParam().arrays), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Members,
    FormEncoding,
    ::testing::Values(
        Case{"Plain", R"({"a":"x y","b":1,"c":true})", ArrayFormat::indices, "a=x%20y&b=1&c=true"},
        Case{"Nested", R"({"a":{"b":{"c":"d"}}})", ArrayFormat::indices, "a%5Bb%5D%5Bc%5D=d"},
        Case{"Indices", R"({"a":["x","y"]})", ArrayFormat::indices, "a%5B0%5D=x&a%5B1%5D=y"},
        Case{"Repeated", R"({"a":["x","y"]})", ArrayFormat::repeat, "a=x&a=y"},
        Case{"Commas", R"({"a":["x","y"]})", ArrayFormat::commas, "a=x%2Cy"},
        Case{"Brackets", R"({"a":["x","y"]})", ArrayFormat::brackets, "a%5B%5D=x&a%5B%5D=y"},
        Case{"NullIsEmpty", R"({"a":null})", ArrayFormat::indices, "a="},
        Case{"Nothing", "{}", ArrayFormat::indices, ""}
    ),
    [](const auto& test) { return test.param.name; }
);

}  // namespace
}  // namespace kiln::tasks
