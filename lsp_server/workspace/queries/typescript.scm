(class_declaration name: (_) @name type_parameters: (_)? @type_params (class_heritage)? @heritage) @class
(abstract_class_declaration name: (_) @name type_parameters: (_)? @type_params (class_heritage)? @heritage) @class
(interface_declaration name: (_) @name type_parameters: (_)? @type_params (extends_type_clause)? @heritage) @class
(enum_declaration name: (_) @name) @class
(class_declaration (class_heritage (extends_clause value: (_) @base))) @owner
(class_declaration (class_heritage (implements_clause (_) @base))) @owner
(abstract_class_declaration (class_heritage (extends_clause value: (_) @base))) @owner
(abstract_class_declaration (class_heritage (implements_clause (_) @base))) @owner
(interface_declaration (extends_type_clause type: (_) @base)) @owner
(class_declaration decorator: (decorator (_) @decorator) @mark) @owner
(abstract_class_declaration decorator: (decorator (_) @decorator) @mark) @owner
(export_statement decorator: (decorator (_) @decorator) @mark declaration: (_) @owner)
(class_body decorator: (decorator (_) @decorator) @attribute)

(function_declaration name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params return_type: (_)? @returns) @function
(generator_function_declaration name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function
(method_definition name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params return_type: (_)? @returns) @function
(abstract_method_signature name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function
(method_signature name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function
(function_signature name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params return_type: (_)? @returns) @function
(variable_declarator name: (identifier) @name
  value: [(arrow_function parameters: (_) @params return_type: (_)? @returns)
          (function_expression parameters: (_) @params return_type: (_)? @returns)]) @function

(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration kind: "const"
  (variable_declarator name: (identifier) @name) @constant)))
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(type_alias_declaration name: (_) @name) @constant
(enum_body name: (_) @name @constant)
(enum_body (enum_assignment name: (_) @name) @constant)
(public_field_definition name: (_) @name type: (_)? @type) @field
(interface_body (property_signature name: (_) @name type: (_)? @type) @field)

(call_expression function: (_) @callee)
(new_expression constructor: (_) @callee)
(throw_statement (new_expression constructor: (_) @raised)) @raise
(throw_statement [(identifier) (call_expression) (member_expression)] @raised) @raise

(comment) @comment
(export_statement declaration: (_) @inner) @around
(export_statement value: (_) @inner) @around
(lexical_declaration (variable_declarator) @inner) @around
(variable_declaration (variable_declarator) @inner) @around
(ambient_declaration (_) @inner) @around

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
(import_statement (import_require_clause (identifier) @local source: (_) @module)) @taken
