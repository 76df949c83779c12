(class_declaration name: (_) @name (class_heritage)? @heritage) @class
(class_declaration (class_heritage (_) @base)) @owner
(variable_declarator name: (identifier) @name value: (class)) @class

(function_declaration name: (_) @name parameters: (_) @params) @function
(generator_function_declaration name: (_) @name parameters: (_) @params) @function
(method_definition name: (_) @name parameters: (_) @params) @function
(variable_declarator name: (identifier) @name
  value: [(arrow_function parameters: (_) @params) (function_expression parameters: (_) @params)]) @function

(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration kind: "const"
  (variable_declarator name: (identifier) @name) @constant)))

(call_expression function: (_) @callee) @call
(new_expression constructor: (_) @callee) @call
(throw_statement (new_expression constructor: (_) @raised)) @raise
(throw_statement [(identifier) (call_expression) (member_expression)] @raised) @raise
