/*
 * language_lexer_test.cpp -- identifiers, strings, comments, numbers, and the ends of statements.
 */
#include <gtest/gtest.h>

#include "language/lexer.hpp"
#include "language_printing.hpp"

namespace sim::testing_language {
namespace {

std::string name_of(std::string_view source) {
  return only_statement<FormulaStatement>(source).name;
}

std::size_t statement_count(std::string_view source) {
  Diagnostics diagnostics;
  const SyntaxTree tree = parse_model(source, diagnostics);
  EXPECT_EQ(print_errors(diagnostics, source), "");
  return tree.statements.size();
}

TEST(Names, FoldAsSqlFoldsThem) {
  EXPECT_EQ(name_of("Net_Price2 = 1"), "net_price2");
  EXPECT_EQ(name_of("\"Sheet1!B4\" = 1"), "Sheet1!B4");
  EXPECT_EQ(name_of("\"a \"\"b\"\" c\" = 1"), "a \"b\" c");
  EXPECT_EQ(name_of("Pr\xC3\x84mie = 1"), "pr\xC3\x84mie");
  EXPECT_EQ(name_of("a$b = 1"), "a$b");
  EXPECT_EQ(name_of("\"and\" = 1"), "and");
}

TEST(Names, FoldTheSameWayOutsideAModel) {
  EXPECT_EQ(fold_name("Energy"), "energy");
  EXPECT_EQ(fold_name("\"Sheet1!B4\""), "Sheet1!B4");
  EXPECT_EQ(fold_name("\"a\"\"b\""), "a\"b");
  EXPECT_EQ(fold_name("\""), "\"");
  EXPECT_EQ(fold_name(""), "");
}

TEST(Names, AreNotCutButRefusedWhenTooLong) {
  const std::string fits(63, 'a');
  EXPECT_EQ(name_of(fits + " = 1"), fits);
  EXPECT_EQ(errors_of(std::string(64, 'a') + " = 1"),
            "1:1 name \"aaaaaaaaaaaaaaaaaaaa...\" is longer than 63 bytes, it has 64 | Choose a "
            "shorter name.");
  EXPECT_EQ(errors_of("\"\" = 1"), "1:1 a name in double quotes is empty");
}

TEST(Names, ThatAreReservedAreRefusedEvenInQuotes) {
  EXPECT_EQ(errors_of("t = 1"),
            "1:1 \"t\" is a reserved word, not a name | t is the number of the step.");
  for (const std::string name : {"trial", "\"step\"", "scenario", "last", "base"}) {
    EXPECT_NE(errors_of("input " + name + " = 1").find("is a reserved word"), std::string::npos);
  }
  EXPECT_EQ(errors_of("input end = 1"),
            "1:7 expected the name of the input, found \"end\" | As a name this word is written in "
            "double quotes.");
}

TEST(Texts, KeepTheirQuotesWhenDoubled) {
  EXPECT_EQ(only_statement<FormulaStatement>("x = 1 'it''s'").annotations.description, "it's");
  EXPECT_EQ(only_statement<FormulaStatement>("x = 1 ''").annotations.description, "");
  EXPECT_EQ(only_statement<FormulaStatement>("x = 1 'two\nlines'").annotations.description,
            "two\nlines");
}

TEST(Texts, ThatAreNotClosedSpoilOnlyTheirLine) {
  EXPECT_EQ(errors_of("x = 1 'abc\ny = = 2"),
            "1:7 text in quotes is not closed | A quote inside a text is written twice: ''.\n"
            "2:5 expected an expression, found \"=\"");
  EXPECT_EQ(errors_of("\"abc = 1"), "1:1 name in double quotes is not closed");
}

TEST(Comments, AreSkippedAndNest) {
  EXPECT_EQ(statement_count("-- one\nx = 1 -- two\n/* three /* four */ five */ y = 2"), 2u);
  EXPECT_EQ(statement_count("x = 1 /* a\n b */ y = 2"), 2u);
  EXPECT_EQ(statement_count("x = 3--1\n"), 1u);
  EXPECT_EQ(errors_of("x = 1\n/* open /* */"),
            "2:1 comment is not closed | A comment that begins with /* ends with */; comments may "
            "nest.");
}

TEST(Statements, EndWithTheirLineOrASemicolon) {
  EXPECT_EQ(statement_count(""), 0u);
  EXPECT_EQ(statement_count(" \n\t\n;;\n"), 0u);
  EXPECT_EQ(statement_count("x = 1\ny = 2\r\nz = 3\ra = 4"), 4u);
  EXPECT_EQ(statement_count("x = 1; y = 2;output x; output y"), 4u);
}

TEST(Statements, GoOnWhileABracketOrACaseIsOpen) {
  EXPECT_EQ(statement_count("x = (a\n+ b\n- c\n)"), 1u);
  EXPECT_EQ(statement_count("x = max(\na,\nb\n)\ny = z[\nt]"), 2u);
  EXPECT_EQ(statement_count("x = case\nwhen a\nthen 1\nelse 2\nend\ny = 1"), 2u);
}

TEST(Statements, GoOnBehindAnOperatorAtTheEndOfALine) {
  for (const std::string sign :
       {"+", "-", "*", "/", "%", "^", "<", ">=", "and", "or", "between 1 and", "= not"}) {
    EXPECT_EQ(statement_count("x = a " + sign + "\n  b"), 1u) << sign;
  }
  EXPECT_EQ(statement_count("x =\n  b"), 1u);
  EXPECT_EQ(statement_count("input x ~\n  normal(0, 1)"), 1u);
  EXPECT_EQ(statement_count("output a,\n  b"), 2u);
  EXPECT_EQ(statement_count("x = a + -- comment\n\n -- comment\n b"), 1u);
}

TEST(Statements, GoOnBeforeAnOperatorAtTheStartOfALine) {
  for (const std::string sign : {"+", "*", "/", "%", "^", "and", "or", "<=", "between 1 and"}) {
    EXPECT_EQ(statement_count("x = a\n  " + sign + " b"), 1u) << sign;
  }
  EXPECT_EQ(errors_of("x = a\n - b"),
            "2:2 expected a statement such as \"name = expression\", found \"-\" | A formula goes "
            "on in the next line when its line ends with the operator.");
}

TEST(Lexer, NamesWhatItCannotRead) {
  EXPECT_EQ(errors_of("x = 1 # comment"), "1:7 unexpected \"#\" | A comment begins with \"--\".");
  EXPECT_EQ(errors_of("x = a == b"), "1:7 unexpected \"==\" | Equality is written \"=\".");
  EXPECT_EQ(errors_of("x = a ** b"), "1:7 unexpected \"**\" | A power is written \"^\".");
  EXPECT_EQ(errors_of("x = a && b"),
            "1:7 unexpected \"&&\" | Both conditions are joined with \"and\".");
  EXPECT_EQ(errors_of("x = a ? b"), "1:7 unexpected \"?\"");
  EXPECT_EQ(errors_of("x = a \xE2\x88\x92 b"),
            "1:7 unexpected \"\xE2\x88\x92\" | Use the hyphen \"-\" as minus.");
  EXPECT_EQ(errors_of("x =\xC2\xA0"
                      "5"),
            "1:4 unexpected character U+00A0 | This is a no-break space; use an ordinary one.");
  EXPECT_EQ(errors_of("x = \x01"), "1:5 unexpected character U+0001");
}

TEST(Lexer, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(errors_of("x = 1\ny\xE4 = 2\nz = "),
            "2:2 the text is not UTF-8: byte 0xE4 | Save the text as UTF-8.");
  EXPECT_EQ(errors_of(std::string_view("x = \0", 5)), "1:5 the text holds a NUL byte");
  EXPECT_EQ(errors_of("x\xC0\xAF = 1").substr(0, 40), "1:2 the text is not UTF-8: byte 0xC0 | S");
  EXPECT_EQ(errors_of("x = 1 -- \xED\xA0\x80").substr(0, 40),
            "1:10 the text is not UTF-8: byte 0xED | ");
}

TEST(Lexer, SkipsAByteOrderMark) { EXPECT_EQ(name_of("\xEF\xBB\xBFx = 1"), "x"); }

TEST(Lexer, KnowsTheLineOfEveryToken) {
  Diagnostics diagnostics;
  const std::vector<Token> tokens = read_tokens("a\r\n'b\nc'\rd", diagnostics);
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[0].line, 1);
  EXPECT_EQ(tokens[1].line, 2);
  EXPECT_EQ(tokens[2].line, 4);
}

}  // namespace
}  // namespace sim::testing_language
