(class_declaration name: (_) @name (class_heritage)? @heritage) @class
(class_declaration (class_heritage (_) @base)) @owner
(variable_declarator name: (identifier) @name value: (class)) @class

(function_declaration name: (_) @name parameters: (_) @params) @function
(generator_function_declaration name: (_) @name parameters: (_) @params) @function
(method_definition name: (_) @name parameters: (_) @params) @function
(variable_declarator name: (identifier) @name
  value: [(arrow_function parameters: (_) @params) (function_expression parameters: (_) @params)]) @function
(assignment_expression left: (member_expression object: (_) @receiver property: (property_identifier) @name)
  right: [(arrow_function parameters: (_) @params) (function_expression parameters: (_) @params)]) @function

(field_definition property: (_) @name) @field
(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration kind: "const"
  (variable_declarator name: (identifier) @name) @constant)))

(call_expression function: (_) @callee)
(new_expression constructor: (_) @callee)
(throw_statement (new_expression constructor: (_) @raised)) @raise
(throw_statement [(identifier) (call_expression) (member_expression)] @raised) @raise

(class_declaration decorator: (decorator (_) @decorator) @mark) @owner
(method_definition decorator: (decorator (_) @decorator) @mark) @owner
(export_statement decorator: (decorator (_) @decorator) @mark declaration: (_) @owner)

(comment) @comment
(export_statement declaration: (_) @inner) @around
(export_statement value: (_) @inner) @around
(lexical_declaration (variable_declarator) @inner) @around
(variable_declaration (variable_declarator) @inner) @around

(import_statement (import_clause (identifier) @default) source: (_) @module) @taken
(import_statement (import_clause (namespace_import (identifier) @local)) source: (_) @module) @taken
(import_statement (import_clause (named_imports (import_specifier name: _ @name alias: (_)? @local)))
  source: (_) @module) @taken
(import_statement . source: (_) @module) @taken
(export_statement (export_clause (export_specifier name: _ @name alias: _? @local)) source: (_) @module) @taken
(export_statement (namespace_export (_) @local) source: (_) @module) @taken
(export_statement "*" @all source: (_) @module) @taken
(variable_declarator name: (identifier) @local
  value: (call_expression function: (identifier) @require arguments: (arguments . (string) @module .))) @taken
(variable_declarator name: (object_pattern [
    (shorthand_property_identifier_pattern) @name
    (pair_pattern key: (property_identifier) @name value: (identifier) @local)])
  value: (call_expression function: (identifier) @require arguments: (arguments . (string) @module .))) @taken
(variable_declarator name: (identifier) @local value: (member_expression
  object: (call_expression function: (identifier) @require arguments: (arguments . (string) @module .))
  property: (_) @name)) @taken
