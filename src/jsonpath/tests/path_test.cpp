#include "jsonpath/path.hpp"

#include "jsonpath/text.hpp"

#include <gmock/gmock.h>

namespace kiln::jsonpath {
namespace {

const json::value& shop() {
    static const auto document = parse_json(R"({
        "name": "corner", "open": true, "rent": null, "a.b": {"c d": 1}, "limit": 10,
        "items": [{"id": 1, "price": 8.95, "tags": ["x"]}, {"id": 2, "price": 12, "tags": []},
                  {"id": 3, "price": 8.99, "isbn": "0-1", "tags": ["x", "y"]}, {"id": 4, "price": 22}],
        "sizes": [10, 20, 30, 40, 50],
        "deep": {"price": 1, "more": {"price": 2, "list": [{"price": 3}]}}
    })");
    return document;
}

std::string seen(std::string_view path, const json::value& document = shop()) {
    const auto found = Path::compile(path).match(document);
    return found.found() ? compact_text(*found.get()) : "nothing";
}

struct MatchRow {
    const char* name;
    const char* path;
    const char* expected;
};

class Matching : public ::testing::TestWithParam<MatchRow> {};

TEST_P(Matching, LeadsToTheValues) {
    EXPECT_EQ(seen(GetParam().path), GetParam().expected);
}

auto row_name = [](const auto& row) { return std::string{row.param.name}; };

INSTANTIATE_TEST_SUITE_P(
    Definite,
    Matching,
    ::testing::ValuesIn(std::vector<MatchRow>{
        {"name", "$.name", R"("corner")"},
        {"null_is_a_value", "$.rent", "null"},
        {"missing", "$.nothing", "nothing"},
        {"below_a_text", "$.name.x", "nothing"},
        {"below_null", "$.rent.x", "nothing"},
        {"index", "$.sizes[1]", "20"},
        {"index_from_the_end", "$.sizes[-1]", "50"},
        {"index_past_the_end", "$.sizes[5]", "nothing"},
        {"index_before_the_start", "$.sizes[-6]", "nothing"},
        {"index_of_an_object", "$.deep[0]", "nothing"},
        {"quoted", "$['name']", R"("corner")"},
        {"quoted_twice", R"($["name"])", R"("corner")"},
        {"quoted_after_a_dot", "$.['name']", R"("corner")"},
        {"quoted_with_dot_and_blank", "$['a.b']['c d']", "1"},
        {"escaped_dot", R"($.a\.b['c d'])", "1"},
        {"needless_escapes", R"($.\n\ame)", R"("corner")"},
        {"blanks_around", "  $.name ", R"("corner")"},
        {"blanks_in_brackets", "$[ 'name' ]", R"("corner")"},
        {"several_names_make_an_object",
         "$['name','nothing','open']",
         R"({"name":"corner","open":true})"},
        {"length_of_an_array", "$.sizes.length()", "5"},
        {"length_of_an_object", "$.deep.length()", "2"},
        {"length_of_a_text", "$.name.length()", "nothing"},
        {"length_of_matches", "$..price.length()", "7"},
    }),
    row_name
);

INSTANTIATE_TEST_SUITE_P(
    Indefinite,
    Matching,
    ::testing::ValuesIn(std::vector<MatchRow>{
        {"all_elements", "$.items[*].id", "[1,2,3,4]"},
        {"all_elements_by_dot", "$.items.*.id", "[1,2,3,4]"},
        {"all_members", "$.deep.*", R"([1,{"price":2,"list":[{"price":3}]}])"},
        {"members_that_are_missing_are_left_out", "$.items[*].isbn", R"(["0-1"])"},
        {"several_indexes", "$.sizes[0, 2,-1]", "[10,30,50]"},
        {"several_indexes_outside", "$.sizes[0,9]", "[10]"},
        {"several_names_on_the_way", "$['deep','name'].price", "[1]"},
        {"several_names_of_each", "$.items[:1]['id','price','x']", R"([{"id":1,"price":8.95}])"},
        {"slice", "$.sizes[1:3]", "[20,30]"},
        {"slice_from", "$.sizes[3:]", "[40,50]"},
        {"slice_to", "$.sizes[:2]", "[10,20]"},
        {"slice_last_two", "$.sizes[-2:]", "[40,50]"},
        {"slice_but_last_two", "$.sizes[:-2]", "[10,20,30]"},
        {"slice_longer_than_the_array", "$.sizes[-9:]", "[10,20,30,40,50]"},
        {"slice_past_the_end", "$.sizes[4:100]", "[50]"},
        {"slice_empty", "$.sizes[3:1]", "[]"},
        {"slice_of_a_missing_array", "$.nothing[1:]", "[]"},
        {"slice_far_below_nothing", "$.nothing.at.all[1:5].x", "[]"},
        {"wildcard_of_a_scalar", "$.name[*]", "[]"},
        {"scan_name", "$..price", "[8.95,12,8.99,22,1,2,3]"},
        {"scan_below", "$.deep..price", "[1,2,3]"},
        {"scan_index", "$..list[0].price", "[3]"},
        {"scan_index_of_any_array", "$..tags[0]", R"(["x","x"])"},
        {"scan_all", "$.deep.more..*", R"([2,[{"price":3}],{"price":3},3])"},
        {"scan_filter_takes_each_once", "$..[?(@.isbn)].id", "[3]"},
        {"scan_nothing", "$..zzz", "[]"},
    }),
    row_name
);

INSTANTIATE_TEST_SUITE_P(
    Filters,
    Matching,
    ::testing::ValuesIn(std::vector<MatchRow>{
        {"less", "$.items[?(@.price < 10)].id", "[1,3]"},
        {"less_without_blanks", "$.items[?(@.price<10)].id", "[1,3]"},
        {"less_equal", "$.items[?(@.price <= 12)].id", "[1,2,3]"},
        {"greater", "$.items[?(@.price > 12)].id", "[4]"},
        {"greater_equal", "$.items[?(@.price >= 12)].id", "[2,4]"},
        {"equal_whole_and_real", "$.items[?(@.price == 12.0)].id", "[2]"},
        {"equal_number_and_text", "$.items[?(@.id == '2')].id", "[2]"},
        {"same_number_and_text", "$.items[?(@.id === '2')].id", "[]"},
        {"not_equal", "$.items[?(@.id != 2)].id", "[1,3,4]"},
        {"not_equal_holds_for_missing", "$.items[?(@.isbn != 'x')].id", "[1,2,3,4]"},
        {"equal_text", "$.items[?(@.isbn == '0-1')].id", "[3]"},
        {"equal_text_in_double_quotes", R"($.items[?(@.isbn == "0-1")].id)", "[3]"},
        {"constant_on_the_left", "$.items[?(2 < @.id)].id", "[3,4]"},
        {"from_the_document", "$.items[?(@.price > $.limit)].id", "[2,4]"},
        {"from_the_document_in_brackets", "$.items[?(@.price > $['limit'])].id", "[2,4]"},
        {"exists", "$.items[?(@.isbn)].id", "[3]"},
        {"exists_not", "$.items[?(!@.isbn)].id", "[1,2,4]"},
        {"not_of_a_group", "$.items[?(!(@.id == 1 || @.id == 2))].id", "[3,4]"},
        {"and", "$.items[?(@.id > 1 && @.price < 20)].id", "[2,3]"},
        {"and_without_blanks", "$.items[?(@.isbn&&@.id)].id", "[3]"},
        {"or", "$.items[?(@.id == 1 || @.isbn)].id", "[1,3]"},
        {"and_binds_closer", "$.items[?(@.id == 1 || @.id > 1 && @.price > 20)].id", "[1,4]"},
        {"group", "$.items[?((@.id == 1 || @.id > 1) && @.price > 20)].id", "[4]"},
        {"pattern", "$.items[?(@.isbn =~ /0-\\d/)].id", "[3]"},
        {"pattern_takes_the_whole_text", "$.items[?(@.isbn =~ /0/)].id", "[]"},
        {"pattern_of_any_element", "$.items[?(@.tags =~ /Y/i)].id", "[3]"},
        {"in", "$.items[?(@.id in [1, 4, 'x'])].id", "[1,4]"},
        {"in_the_document", "$.items[?(@.limit nin $.sizes)].id", "[1,2,3,4]"},
        {"nin", "$.items[?(@.id nin [1,4])].id", "[2,3]"},
        {"contains_element", "$.items[?(@.tags contains 'y')].id", "[3]"},
        {"contains_text", "$.items[?(@.isbn contains '-')].id", "[3]"},
        {"subsetof", "$.items[?(@.tags subsetof ['x','z'])].id", "[1,2]"},
        {"anyof", "$.items[?(@.tags anyof ['y','z'])].id", "[3]"},
        {"noneof", "$.items[?(@.tags noneof ['y','z'])].id", "[1,2]"},
        {"all", "$.items[?(@.tags all ['x','y'])].id", "[3]"},
        {"size", "$.items[?(@.tags size 2)].id", "[3]"},
        {"size_of_a_text", "$.items[?(@.isbn size 3)].id", "[3]"},
        {"empty", "$.items[?(@.tags empty true)].id", "[2]"},
        {"empty_not", "$.items[?(@.tags empty false)].id", "[1,3]"},
        {"length", "$.items[?(@.tags.length() >= 1)].id", "[1,3]"},
        {"element_itself", "$.sizes[?(@ > 30)]", "[40,50]"},
        {"of_an_object_asks_the_object", "$.deep[?(@.price == 1)].price", "[1]"},
        {"of_a_scalar", "$.name[?(@.x)]", "[]"},
        {"null", "$[?(@.rent == null)].name", R"(["corner"])"},
        {"true", "$[?(@.open == true)].name", R"(["corner"])"},
        {"within_a_filter", "$.items[?(@.tags[?(@ == 'y')])].id", "[3]"},
        {"bracket_in_a_text", "$.items[?(@.isbn != ')]')].id", "[1,2,3,4]"},
        {"object", "$.items[?(@ == {'id': 4, \"price\": 22})].id", "[4]"},
        {"texts_by_order", "$.items[?(@.isbn < '1')].id", "[3]"},
        {"text_and_number_have_no_order", "$.items[?(@.isbn < 5)].id", "[]"},
    }),
    row_name
);

TEST(Path, OfNamesAndIndexesPointsIntoTheDocument) {
    const auto path = Path::compile("$.items[2].isbn");
    EXPECT_EQ(path.match(shop()).get(), &shop().at("items").at(2).at("isbn"));
}

struct KindRow {
    const char* name;
    const char* path;
    bool definite;
    bool reference;
};

class Kinds : public ::testing::TestWithParam<KindRow> {};

TEST_P(Kinds, AreKnown) {
    const auto path = Path::compile(GetParam().path);
    EXPECT_EQ(path.is_definite(), GetParam().definite);
    EXPECT_EQ(path.is_reference(), GetParam().reference);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Kinds,
    ::testing::ValuesIn(std::vector<KindRow>{
        {"root", "$", true, true},
        {"names", "$.a['b']", true, true},
        {"index", "$.a[0][-1]", true, true},
        {"escaped", R"($.foo\@bar.baz\[\[.\?pretty)", true, true},
        {"quoted_signs", "$['a,b:?']", true, true},
        {"bare_sign", "$.a@b", true, false},
        {"several_names", "$['a','b']", true, false},
        {"several_names_on_the_way", "$['a','b'].c", false, false},
        {"length", "$.a.length()", true, false},
        {"indexes", "$[0,1]", false, false},
        {"slice", "$[0:1]", false, false},
        {"wildcard", "$.*", false, false},
        {"scan", "$..a", false, false},
        {"filter", "$[?(@.a)]", false, false},
    }),
    row_name
);

TEST(Path, KnowsItsRoot) {
    EXPECT_EQ(Path::compile("$").root(), Root{});
    EXPECT_EQ(Path::compile("$.a").root(), Root{});
    EXPECT_EQ(Path::compile("$$.a").root(), (Root{RootKind::context, ""}));
    EXPECT_EQ(Path::compile("$name_1[0]").root(), (Root{RootKind::variable, "name_1"}));
    EXPECT_EQ(Path::compile("$größe").root(), (Root{RootKind::variable, "größe"}));
    EXPECT_TRUE(Path::compile("$name").is_root());
    EXPECT_FALSE(Path::compile("$name.a").is_root());
}

struct BadRow {
    const char* name;
    std::string path;
    std::size_t position;
};

class BadPath : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadPath, IsRefusedWithItsPosition) {
    try {
        (void)Path::compile(GetParam().path);
        FAIL() << "accepted";
    } catch (const PathError& error) {
        EXPECT_EQ(error.fault(), Fault::syntax);
        EXPECT_EQ(error.position(), GetParam().position) << error.message();
        EXPECT_FALSE(error.message().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadPath,
    ::testing::ValuesIn(std::vector<BadRow>{
        {"empty", "", 0},
        {"no_root", "a.b", 0},
        {"item", "@.a", 0},
        {"dot_at_the_end", "$.a.", 4},
        {"dots_at_the_end", "$..", 3},
        {"three_dots", "$...a", 3},
        {"blank_in_a_name", "$.a b", 3},
        {"bracket_open", "$.a[", 4},
        {"bracket_empty", "$.a[]", 4},
        {"bracket_not_closed", "$.a[0", 5},
        {"quote_not_closed", "$['a", 2},
        {"name_after_bracket", "$[0]a", 4},
        {"index_not_a_number", "$[a]", 2},
        {"index_too_large", "$[99999999999]", 2},
        {"slice_without_bounds", "$[:]", 3},
        {"slice_with_a_step", "$[0:1:2]", 5},
        {"unknown_function", "$.a.sum()", 4},
        {"after_a_function", "$.a.length().b", 12},
        {"backslash_at_the_end", "$.a\\", 4},
        {"filter_empty", "$[?()]", 4},
        {"filter_not_closed", "$[?(@.a]", 7},
        {"filter_of_a_constant", "$[?(1)]", 5},
        {"unknown_operator", "$[?(@.a likes 1)]", 8},
        {"operator_without_value", "$[?(@.a == )]", 11},
        {"pattern_not_closed", "$[?(@.a =~ /a)]", 12},
        {"pattern_wrong", "$[?(@.a =~ /(/)]", 12},
        {"pattern_flag_wrong", "$[?(@.a =~ /a/q)]", 12},
    }),
    row_name
);

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

TEST(HostilePath, EndsWithALimit) {
    const auto fault = [](const std::string& path) {
        try {
            (void)Path::compile(path);
        } catch (const PathError& error) {
            return error.fault();
        }
        return Fault::missing;
    };
    EXPECT_EQ(fault("$" + repeated(".a", 40'000)), Fault::limit);
    EXPECT_EQ(fault("$" + repeated("[0]", 300)), Fault::limit);
    EXPECT_EQ(fault("$[?(" + repeated("(", 20'000)), Fault::limit);
    EXPECT_EQ(fault("$[?(" + repeated("!", 20'000)), Fault::limit);
    EXPECT_EQ(fault("$" + repeated("[?(@", 10'000)), Fault::limit);
    EXPECT_EQ(fault("$[?(@ == " + repeated("[", 20'000)), Fault::limit);
}

TEST(HostilePath, StopsAfterAMillionValues) {
    json::array wide(100, json::value(json::array(100, json::value(json::array(100, 1)))));
    const json::value document = std::move(wide);
    EXPECT_THROW((void)Path::compile("$..*..*").match(document), PathError);
    EXPECT_THROW((void)Path::compile("$[*][*][?($..* contains 2)]").match(document), PathError);
}

TEST(HostilePath, PatternThatBacktracksWithoutEndIsGivenUp) {
    const json::value document = {{{"a", std::string(200, 'a')}}};
    EXPECT_THROW((void)Path::compile("$[?(@.a =~ /(a|aa)+[xy]/)]").match(document), PathError);
}

struct SentenceRow {
    const char* name;
    const char* path;
    const char* expected;
};

class Sentences : public ::testing::TestWithParam<SentenceRow> {};

TEST_P(Sentences, AreThoseOfJayway) {
    try {
        (void)Path::compile(GetParam().path).require(shop());
        FAIL() << "found";
    } catch (const PathError& error) {
        EXPECT_EQ(error.invalid_path(), GetParam().expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Sentences,
    ::testing::ValuesIn(std::vector<SentenceRow>{
        {"leaf", "$.x", "Invalid path '$.x' : No results for path: $['x']"},
        {"leaf_below", "$.deep.x", "Invalid path '$.deep.x' : No results for path: $['deep']['x']"},
        {"on_the_way",
         "$.no.such.path",
         "Invalid path '$.no.such.path' : Missing property in path $['no']"},
        {"index", "$.sizes[7]", "Invalid path '$.sizes[7]' : No results for path: $['sizes'][7]"},
        {"index_of_null", "$.rent[0]", "Invalid path '$.rent[0]' : The path $['rent'] is null"},
        {"index_of_a_text",
         "$.name[0].x",
         "Invalid path '$.name[0].x' : Filter: [0]['x'] can only be applied to arrays. Current "
         "context is: corner"},
    }),
    row_name
);

TEST(Sentences, OfItemsPathNameTheStep) {
    const auto document = parse_json(R"({"a": {"b": 1}})");
    EXPECT_EQ(
        Path::compile("$.a.items").unable_to_apply(document),
        R"(Unable to apply step "items" to input {"a":{"b":1}})"
    );
}

struct AssignRow {
    const char* name;
    const char* document;
    const char* path;
    const char* expected;  ///< the document then, or the error's message
};

class Assigning : public ::testing::TestWithParam<AssignRow> {};

TEST_P(Assigning, SetsTheValueOrSaysWhyNot) {
    auto document = parse_json(GetParam().document);
    const auto before = document;
    try {
        assign(document, Path::compile(GetParam().path), json::value("new"));
        EXPECT_EQ(compact_text(document), GetParam().expected);
    } catch (const PathError& error) {
        EXPECT_EQ(error.message(), GetParam().expected);
        EXPECT_EQ(document, before);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Assigning,
    ::testing::ValuesIn(std::vector<AssignRow>{
        {"root", R"({"a":1})", "$", R"("new")"},
        {"new_name", R"({"a":1})", "$.b", R"({"a":1,"b":"new"})"},
        {"old_name", R"({"a":1,"b":2})", "$.a", R"({"a":"new","b":2})"},
        {"parents", "{}", "$.a.b['c d']", R"({"a":{"b":{"c d":"new"}}})"},
        {"index", R"({"a":[1,2]})", "$.a[1]", R"({"a":[1,"new"]})"},
        {"below_an_index", R"({"a":[{}]})", "$.a[0].b", R"({"a":[{"b":"new"}]})"},
        {"text_in_the_way", R"("x")", "$.a", R"(Unable to apply ReferencePath $.a to input "x")"},
        {"number_in_the_way",
         R"({"a":1})",
         "$.a.b",
         R"(Unable to apply ReferencePath $.a.b to input {"a":1})"},
        {"array_in_the_way", "[1]", "$.a", "Unable to apply ReferencePath $.a to input [1]"},
        {"index_outside",
         R"({"a":[]})",
         "$.a[0]",
         R"(Unable to apply ReferencePath $.a[0] to input {"a":[]})"},
        {"index_of_nothing", "{}", "$.a[0]", "Unable to apply ReferencePath $.a[0] to input {}"},
        {"no_reference_path",
         "{}",
         "$.a[*]",
         "only a path of names and indexes, without @ , : ? *, can be assigned to"},
    }),
    row_name
);

}  // namespace
}  // namespace kiln::jsonpath
