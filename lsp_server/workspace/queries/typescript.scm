(class_declaration name: (_) @name type_parameters: (_)? @type_params (class_heritage)? @heritage) @class
(abstract_class_declaration name: (_) @name type_parameters: (_)? @type_params (class_heritage)? @heritage) @class
(interface_declaration name: (_) @name type_parameters: (_)? @type_params (extends_type_clause)? @heritage) @class
(enum_declaration name: (_) @name) @class
(class_declaration (class_heritage (extends_clause value: (_) @base))) @owner
(class_declaration (class_heritage (implements_clause (_) @base))) @owner
(abstract_class_declaration (class_heritage (extends_clause value: (_) @base))) @owner
(abstract_class_declaration (class_heritage (implements_clause (_) @base))) @owner
(interface_declaration (extends_type_clause type: (_) @base)) @owner
(class_declaration decorator: (decorator (_) @decorator)) @owner

(function_declaration name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params return_type: (_)? @returns) @function
(generator_function_declaration name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function
(method_definition name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params return_type: (_)? @returns) @function
(abstract_method_signature name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function
(method_signature name: (_) @name parameters: (_) @params return_type: (_)? @returns) @function
(variable_declarator name: (identifier) @name
  value: [(arrow_function parameters: (_) @params return_type: (_)? @returns)
          (function_expression parameters: (_) @params return_type: (_)? @returns)]) @function

(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
(program (export_statement (lexical_declaration kind: "const"
  (variable_declarator name: (identifier) @name) @constant)))
(type_alias_declaration name: (_) @name) @constant

(call_expression function: (_) @callee) @call
(new_expression constructor: (_) @callee) @call
(throw_statement (new_expression constructor: (_) @raised)) @raise
(throw_statement [(identifier) (call_expression) (member_expression)] @raised) @raise
